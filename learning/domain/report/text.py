"""A report as plain text that is complete by itself: mails to readers without pictures, terminals."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from learning.domain.report.document import Document, Section, Table

WIDTH = 76


def as_text(document: Document, *, address: str = "") -> str:
    """`address` is where the application is reached, to which paths of links are added."""
    parts = [*wrap(document.headline, WIDTH), _span(document)]
    for section in document.sections:
        parts += ["", section.title.upper(), *_section(section, address)]
    parts += ["", "-" * WIDTH]
    for line in document.footer:
        parts += wrap(line, WIDTH)
    return "\n".join(parts) + "\n"


def _span(document: Document) -> str:
    return f"{document.workspace}, {document.since} to {document.until} ({document.zone})"


def _section(section: Section, address: str) -> Iterator[str]:
    for sentence in section.sentences:
        yield from wrap(sentence, WIDTH)
    for table in section.tables:
        if table.rows:
            yield ""
            yield from _table(table, address)


def _table(table: Table, address: str) -> Iterator[str]:
    """Columns where they fit; else a block a row, so that nothing is cut off."""
    texts = [[cell.text for cell in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(table.columns, *texts, strict=True)]
    if table.title:
        yield table.title
    if sum(widths) + 2 * (len(widths) - 1) <= WIDTH:
        for line in [list(table.columns), *texts]:
            yield "  ".join(_aligned(table, line, widths)).rstrip()
    else:
        for text in texts:
            yield from _block(table.columns, text)
    links = (
        f"  {cell.text}: {address}{cell.href}"
        for row in table.rows
        for cell in row
        if cell.href and address
    )
    yield from dict.fromkeys(links)


def _aligned(table: Table, line: list[str], widths: list[int]) -> Iterator[str]:
    for position, (text, width) in enumerate(zip(line, widths, strict=True)):
        yield text.rjust(width) if position in table.numeric else text.ljust(width)


def _block(columns: tuple[str, ...], row: list[str]) -> Iterator[str]:
    for position, (column, text) in enumerate(zip(columns, row, strict=True)):
        lead = "* " if position == 0 else "  "
        told = f"{column}: {text}" if column else text
        if text:
            yield from wrap(f"{lead}{told}", WIDTH, subsequent_indent="    ")
