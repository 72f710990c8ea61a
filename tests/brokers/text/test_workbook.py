"""Workbooks: exact numbers, and files that were made to do harm."""

from __future__ import annotations

import io

import pytest

from journal.brokers.base import UnreadableStatement
from journal.brokers.text import workbook as reading
from journal.brokers.text.archive import parts_of
from journal.brokers.text.workbook import exact, read_sheets, read_workbook
from tests.brokers.workbooks import packed, workbook, workbook_of

FRAME = {
    "xl/workbook.xml": '<workbook xmlns="m" xmlns:r="o"><sheets><sheet name="A" r:id="rId2"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="p"><Relationship Id="rId2" Target="/xl/worksheets/a.xml"/></Relationships>',
}


def sheet(rows: str, shared: str = "", head: str = "") -> bytes:
    parts = FRAME | {
        "xl/worksheets/a.xml": f'{head}<worksheet xmlns="m"><sheetData>{rows}</sheetData></worksheet>'
    }
    if shared:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="m">{shared}</sst>'
    return packed(parts)


def lines(data: bytes) -> list[tuple[int, list[str]]]:
    return [tuple(line) for line in read_workbook(io.BytesIO(data))]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1649.6300000000001", "1649.63"),
        ("2.6899999999999999E-2", "0.0269"),
        ("-23.5", "-23.5"),
        ("1E3", "1000"),
        ("0.10000000000000001", "0.1"),
        ("275917189", "275917189"),
        ("9007199254740993", "9007199254740993"),
        ("-0.00", "0"),
    ],
)
def test_a_number_is_what_was_typed_and_not_its_binary_neighbour(written, meant):
    assert exact(written).removeprefix("-" if meant == "0" else "") == meant


@pytest.mark.parametrize("text", ["nan", "inf", "1e999", "seven", ""])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=text or "^$"):
        exact(text)


def test_cells_stand_where_they_say_and_gaps_are_empty():
    shared = "<si><t>one</t></si><si><r><t>t</t></r><r><t>wo</t></r><rPh><t>x</t></rPh></si>"
    rows = (
        '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="D2" t="s"><v>1</v></c></row><row r="3"><c r="A3"/></row>'
        '<row><c t="inlineStr"><is><t>here</t></is></c><c><v>1.5</v></c><c t="str"><v> x </v></c></row>'
    )
    assert lines(sheet(rows, shared)) == [
        (2, ["one", "", "", "two"]),
        (4, ["here", "1.5", "x"]),
    ]


def test_one_cell_in_the_last_corner_is_no_reason_to_take_all_memory():
    with pytest.raises(UnreadableStatement, match="more than 500 columns"):
        lines(sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


def test_what_unpacks_to_more_than_it_may_is_refused_while_it_unpacks(monkeypatch):
    monkeypatch.setattr(reading, "UNPACKED_BYTES_MAX", 1024**2)
    bomb = sheet(f'<row r="1"><c r="A1" t="str"><v>{" " * 4 * 1024**2}</v></c></row>')
    assert len(bomb) < 16 * 1024
    with pytest.raises(UnreadableStatement, match=r"unpacks to more|too long"):
        lines(bomb)


def test_entities_are_refused():
    head = '<!DOCTYPE a [<!ENTITY b "c">]>'
    with pytest.raises(UnreadableStatement, match="entities"):
        lines(sheet("<row/>", head=head))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_workbook_is_refused(data):
    with pytest.raises(UnreadableStatement) as refusal:
        lines(data)
    assert refusal.value.code == "no_workbook"


def test_half_a_workbook_is_refused():
    data = workbook([["Title"], ["a", "1.5"]])
    for length in range(0, len(data), 31):
        with pytest.raises(UnreadableStatement):
            lines(data[:length])


def test_parts_that_point_nowhere_are_refused():
    for rows in ('<row r="1"><c t="s"><v>7</v></c></row>', '<row r="x"><c><v>1</v></c></row>'):
        with pytest.raises(UnreadableStatement):
            lines(sheet(rows))
    with pytest.raises(UnreadableStatement):
        lines(packed({**FRAME, "xl/workbook.xml": '<workbook xmlns="m"/>'}))


TWO = {"Closed": [["A", "1.5"]], "Cash": [["B"], [], ["", "2"]]}


def test_every_sheet_is_read_under_its_name_in_the_workbooks_own_order():
    sheets = [
        (name, [tuple(line) for line in found])
        for name, found in read_sheets(io.BytesIO(workbook_of(TWO)))
    ]
    assert sheets == [
        ("Closed", [(1, ["A", "1.5"])]),
        ("Cash", [(1, ["B"]), (3, ["", "2"])]),
    ]
    assert [tuple(one) for one in read_workbook(io.BytesIO(workbook_of(TWO)))] == [
        (1, ["A", "1.5"])
    ]


def test_a_sheet_whose_part_is_missing_is_refused():
    data = workbook_of(TWO).replace(b"worksheets/sheet2.xml", b"worksheets/sheetX.xml")
    with pytest.raises(UnreadableStatement) as refusal:
        [list(found) for _, found in read_sheets(io.BytesIO(data))]
    assert refusal.value.code == "no_workbook"


def test_parts_are_seen_from_the_front_of_a_file_that_is_not_whole():
    data = workbook_of(TWO)
    names = [name for name, _ in parts_of(data[: len(data) // 2])]
    assert names[0] == "xl/workbook.xml"
    assert dict(parts_of(data))["xl/workbook.xml"].count(b"<sheet ") == 2
