"""Workbooks as binary programs write them, from the cells of their rows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

Rows = Sequence[Sequence[str]]


def workbook(lines: Rows) -> bytes:
    """One sheet: numbers as binary programs write them, texts shared."""
    return workbook_of({"Sheet1": lines})


def workbook_of(sheets: Mapping[str, Rows]) -> bytes:
    texts: list[str] = []
    listed = related = ""
    parts = {}
    for number, (name, lines) in enumerate(sheets.items(), 1):
        listed += f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        related += (
            f'<Relationship Id="rId{number}" Type="t" Target="worksheets/sheet{number}.xml"/>'
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = _sheet(lines, texts)
    shared = "".join(f"<si><t>{escape(text, quote=False)}</t></si>" for text in texts)
    return packed(
        {
            "xl/workbook.xml": f'<workbook xmlns="m" xmlns:r="o"><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="p">{related}</Relationships>',
            "xl/sharedStrings.xml": f'<sst xmlns="m">{shared}</sst>',
            **parts,
        }
    )


def _sheet(lines: Rows, texts: list[str]) -> str:
    rows = []
    for number, line in enumerate(lines, 1):
        cells = []
        for place, cell in enumerate(line):
            name = f"{chr(65 + place)}{number}"
            if cell and _is_number(cell):
                cells.append(f'<c r="{name}"><v>{float(cell.replace(" ", "")):.17g}</v></c>')
            elif cell:
                texts.append(cell)
                cells.append(f'<c r="{name}" t="s"><v>{len(texts) - 1}</v></c>')
            else:
                cells.append(f'<c r="{name}" s="1"/>')
        rows.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="m"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def packed(parts: dict[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(
                zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED
            )
    return held.getvalue()


def _is_number(cell: str) -> bool:
    return cell.replace(" ", "").lstrip("-").replace(".", "", 1).isdecimal()
