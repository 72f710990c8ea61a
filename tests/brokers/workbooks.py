"""Workbooks as binary programs write them, from the cells of their rows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from html import escape


def workbook(lines: Sequence[Sequence[str]]) -> bytes:
    """Numbers as binary programs write them, texts shared."""
    texts: list[str] = []
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
    shared = "".join(f"<si><t>{escape(text, quote=False)}</t></si>" for text in texts)
    return packed(
        {
            "xl/workbook.xml": '<workbook xmlns="m" xmlns:r="o"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<Relationships xmlns="p"><Relationship Id="rId1" Type="t" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/sharedStrings.xml": f'<sst xmlns="m">{shared}</sst>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="m"><sheetData>{"".join(rows)}</sheetData></worksheet>',
        }
    )


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
