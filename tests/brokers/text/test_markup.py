"""Rows of HTML tables, in any encoding and cut anywhere."""

from __future__ import annotations

import io

import pytest

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.markup import Cell, read_markup

PAGE = (
    "<html><head><style>td > tr { color: red }</style></head><body><table>"
    '<tr><td>a&amp;b<br>c</td><TD colspan="3" CLASS="x hidden">n</td></tr><tr></tr><!-- <tr><td>no</td></tr> -->'
    "<tr><td title='#7 5 &lt; 6'>10&nbsp;000.00<td> 1 < 2 </table></body></html>"
)


class Dribble(io.BytesIO):
    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self.step = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(400 if self.tell() == 0 else self.step)


def rows(data: bytes | str) -> list[tuple[int, list[Cell]]]:
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return [tuple(row) for row in read_markup(stream)]


EXPECTED = [
    (1, [Cell("a&b c"), Cell("n", 3, True)]),
    (3, [Cell("10 000.00", title="#7 5 < 6"), Cell("1 < 2")]),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_cells_are_what_a_browser_shows(encoding):
    assert rows(PAGE.encode(encoding)) == EXPECTED


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_chunks_may_end_anywhere(size):
    long = PAGE.replace("<table>", "<table>" + "<tr><td>x</td></tr>" * 40)
    whole = rows(long)
    assert len(whole) == 42
    assert [tuple(row) for row in read_markup(Dribble(long.encode(), size))] == whole


def test_half_a_page_is_refused():
    with pytest.raises(UnreadableStatement) as refusal:
        rows(PAGE[:-20])
    assert refusal.value.code == "truncated"


@pytest.mark.parametrize(
    "page",
    [
        b"\x00\x01\x02" * 100,
        "<html><tr>" + "<td>x</td>" * 600 + "</html>",
        "<html><tr><td>" + "x" * 300_000 + "</td></tr></html>",
        "<html><tr><td " + "x" * 300_000,
    ],
)
def test_what_no_report_holds_is_refused(page):
    with pytest.raises(UnreadableStatement) as refusal:
        rows(page)
    assert refusal.value.code == "no_page"
