"""Bytes of any encoding, delimiter and line end become the same numbered lines."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.tables import CutLine, delimiter_of, named, oldest_first, read_table

ROWS = [["Date", "Symbol", "Amount"], ["2026-01-05", "ÄÖ", "1,50"], ["2026-01-06", 'a "b"', "-2"]]


def written(rows, delimiter=",", end="\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


class Dribble(io.RawIOBase):
    """A stream that gives a few bytes at a time, after a start that is long enough to tell the encoding."""

    def __init__(self, data: bytes, step: int) -> None:
        self.data, self.step, self.place = data, step, 0

    def read(self, size: int = -1) -> bytes:
        start = self.place
        self.place += self.step if start else 8
        return self.data[start : self.place]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("step", [1, 7, 1_000])
def test_a_table_is_read_whatever_wrote_it(delimiter, encoding, end, step):
    data = written(ROWS, delimiter, end).encode(encoding)
    assert [line.cells for line in read_table(Dribble(data, step))] == ROWS


def test_lines_have_the_numbers_that_an_editor_shows():
    text = '\ufeff\n\na,b\n\n"two\nlines",c\n,\nd,e\n'
    assert list(read_table(io.BytesIO(text.encode()))) == [
        (3, ["a", "b"]),
        (6, ["two\nlines", "c"]),
        (8, ["d", "e"]),
    ]


def test_only_newlines_end_a_line():
    odd = "a\x85b,c\u2028d,e\x0bf\n1,2,3\n"
    assert [line.cells for line in read_table(io.BytesIO(odd.encode()))] == [
        ["a\x85b", "c\u2028d", "e\x0bf"],
        ["1", "2", "3"],
    ]


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), max_size=8
)


@given(
    st.lists(st.lists(CELLS.filter(bool), min_size=3, max_size=3), min_size=1, max_size=8),
    st.sampled_from(",;\t"),
    st.integers(1, 50),
)
def test_what_csv_writes_is_read_back(rows, delimiter, step):
    data = written(rows, delimiter).encode()
    assert [line.cells for line in read_table(Dribble(data, step), delimiter)] == rows


def test_commas_in_numbers_are_no_delimiters():
    assert delimiter_of(["a;b;c\n", "1,5;2,25;3\n", "1.234,5;7,1;2\n"]) == ";"


def test_a_preamble_does_not_decide():
    assert delimiter_of(["Account: 1, 2, 3, 4, 5\n", "\n", "a;b\n", "1;2\n", "3;4\n"]) == ";"


def test_cells_are_named_by_the_header_and_empty_ones_left_out():
    assert named(["a", "b", "c"], ["1", "", "3", "", "5"]) == {"a": "1", "c": "3", "#5": "5"}


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04\x00\x00\x00\x00",
        b"a,b\n1,\x002\n",
        b"x" * 300_000,
        ",".join("x" * 600).encode(),
        bytes(range(128, 256)) * 400,
    ],
    ids=["packed", "nul", "endless line", "too wide", "no text"],
)
def test_what_is_no_table_is_refused_with_a_reason(data):
    with pytest.raises(UnreadableStatement) as refusal:
        list(read_table(io.BytesIO(data)))
    assert refusal.value.code == "no_table"
    assert "Nothing was imported" in refusal.value.message


def test_neighbours_of_one_instant_are_turned_around():
    rows = [(3, "f"), (2, "e"), (2, "d"), (2, "c"), (1, "b"), (1, "a")]
    turned = list(oldest_first(rows, lambda row: row[0]))
    assert [name for _, name in turned] == ["f", "c", "d", "e", "a", "b"]


@pytest.mark.parametrize(
    ("text", "is_cut"),
    [
        ("a,b,c\n1,2,3\n4,5,6\n", False),
        ("a,b,c\n1,2,3\n4,5,6", False),
        ("a,b,c\n1,2,3\n4,5", True),
        ("a,b,c\n1,2,3\n4", True),
        # Rows before it were as short.
        ("a,b,c\n1,2\n4,5", False),
        ("Total\na,b,c\n1,2,3\n4", False),
        # The row is whole: it has its end.
        ("a,b,c\n1,2,3\n4,5\n", False),
        ("a,b,c\n1,2,3\n4,5,6\n\n", False),
        ('a,b,c\n1,2,"3"\n4,5,"6', True),
        ('a,b,c\n1,2,"3"\n4,5,"6,7\n8', True),
        ('a,b,c\n1,2,"3"\n4,5,"say ""6"""', False),
    ],
)
def test_a_file_that_ends_within_its_last_row_is_noticed(text, is_cut):
    *before, last = read_table(io.BytesIO(text.encode()))
    assert isinstance(last, CutLine) is is_cut
    assert not any(isinstance(line, CutLine) for line in before)
