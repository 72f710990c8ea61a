"""Dates in workbooks: numbers with a format."""

from __future__ import annotations

import io

import pytest

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.workbook import read_workbook, sheet_names
from journal.brokers.text.workbook_dates import is_date_format, written_date
from tests.brokers.workbooks import packed

RELATIONS = (
    '<Relationships xmlns="p"><Relationship Id="a" Type="t" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="b" Type="t" Target="worksheets/sheet2.xml"/></Relationships>'
)
STYLES = (
    '<styleSheet xmlns="m"><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm"/>'
    '<numFmt numFmtId="165" formatCode="0.00&quot; days&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="21"/></cellXfs></styleSheet>'
)


def book(cells: str, *, more: str = "") -> bytes:
    sheets = '<sheets><sheet name="Notes" r:id="a"/><sheet name="Trades" r:id="b"/></sheets>'
    return packed(
        {
            "xl/workbook.xml": f'<workbook xmlns="m" xmlns:r="o">{more}{sheets}</workbook>',
            "xl/_rels/workbook.xml.rels": RELATIONS,
            "xl/styles.xml": STYLES,
            "xl/worksheets/sheet1.xml": '<worksheet xmlns="m"><sheetData><row r="1"><c><v>1</v></c></row></sheetData></worksheet>',
            "xl/worksheets/sheet2.xml": f'<worksheet xmlns="m"><sheetData><row r="1">{cells}</row></sheetData></worksheet>',
        }
    )


def cells_of(data: bytes, sheet: str = "Trades") -> list[str]:
    (line,) = read_workbook(io.BytesIO(data), sheet)
    return line.cells


def test_numbers_with_the_format_of_a_date_are_dates_and_others_are_numbers():
    data = book(
        '<c s="1"><v>46452</v></c><c s="2"><v>46452.396527777781</v></c><c s="3"><v>46452</v></c>'
        '<c s="4"><v>0.39652777777777781</v></c><c s="0"><v>46452</v></c><c><v>46452</v></c><c s="99"><v>1.5</v></c>'
    )
    assert cells_of(data) == [
        "2027-03-06",
        "2027-03-06 09:31:00",
        "46452",
        "09:31:00",
        "46452",
        "46452",
        "1.5",
    ]


def test_workbooks_of_old_macs_count_from_another_day():
    data = book('<c s="1"><v>44990</v></c>', more='<workbookPr date1904="1"/>')
    assert cells_of(data) == ["2027-03-06"]


@pytest.mark.parametrize("value", ["-1", "9999999", "NaN", "x"])
def test_a_number_that_is_no_day_stays_what_it_is(value):
    assert written_date(value) is None
    assert cells_of(book(f'<c s="1"><v>{value}</v></c>')) == [value]


def test_milliseconds_are_kept_and_noise_is_not():
    assert written_date("46452.396533564816") == "2027-03-06 09:31:00.500"
    assert written_date("46452.999999999") == "2027-03-07"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("yyyy-mm-dd", True), ("[$-409]d-mmm-yy;@", True), ("[h]:mm:ss", True), ("General", False), ("#,##0.00", False),
        ('0.00" shares"', False), ("[Red]0.0", False), ("0.00E+00", False),
    ],
)  # fmt: skip
def test_formats(code, expected):
    assert is_date_format(164, code) is expected


def test_a_sheet_is_found_by_its_name():
    data = book('<c t="inlineStr"><is><t>Date</t></is></c>')
    assert sheet_names(io.BytesIO(data)) == ["Notes", "Trades"]
    assert cells_of(data, "") == ["1"]
    assert cells_of(data) == ["Date"]
    with pytest.raises(UnreadableStatement, match="no sheet"):
        cells_of(data, "Tradez")


def test_what_is_unpacked_for_a_look_is_limited():
    with pytest.raises(UnreadableStatement, match="unpacks to more"):
        list(
            read_workbook(io.BytesIO(book("<c><v>1</v></c>" * 5000)), "Trades", unpacked_max=10_000)
        )
