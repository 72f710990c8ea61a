"""What a file is, by how it starts: said of one that is no XML at all, it helps more than a parser's complaint."""

from __future__ import annotations

from journal.brokers.base import UnreadableStatement
from journal.brokers.ibkr_flex import refusals
from journal.brokers.text.decoding import sight

_PACKED = {
    b"PK\x03\x04": "ZIP", b"PK\x05\x06": "ZIP", b"\x1f\x8b": "GZIP", b"7z\xbc\xaf": "7-Zip", b"Rar!": "RAR",
    b"BZh": "BZIP2", b"\xfd7zXZ": "XZ", b"\x28\xb5\x2f\xfd": "Zstandard",
}  # fmt: skip
_DOCUMENTS = {
    b"%PDF": "a PDF document", b"\xd0\xcf\x11\xe0": "an Office document such as Excel", b"{\\rtf": "a text document",
    b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture",
}  # fmt: skip
# Office files are ZIP archives whose first entries have these names.
_OFFICE = (b"[Content_Types].xml", b"_rels/", b"mimetype")
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<title", b"<meta")
_FLEX_TEXT = (
    b'"clientaccountid"', b"clientaccountid", b'"bof"', b"bof,", b'"header"', b"header,", b'"boa"',
)  # fmt: skip
# A column of queries that leave the account out. Nobody else writes it so.
_FLEX_COLUMN = b"currencyprimary"
_ACTIVITY_CSV = (b"statement,header,", b'"statement","header",')
_JSON = (b"{", b"[")


def refuse_by_sight(head: bytes) -> None:
    """Raises UnreadableStatement for what does not start as XML does."""
    start = sight(head)
    if not start.startswith(b"<") or start.startswith(_PAGES):
        raise _refusal(head, start)


def _refusal(head: bytes, start: bytes) -> UnreadableStatement:
    if not start:
        return refusals.empty()
    if document := _document(head) or ("JSON" if start.startswith(_JSON) else ""):
        return refusals.document(document)
    if packed := _named(_PACKED, head):
        return refusals.packed(packed)
    marks = {
        _PAGES: refusals.web_page, _FLEX_TEXT: refusals.flex_text, _ACTIVITY_CSV: refusals.activity_csv,
    }  # fmt: skip
    says = next((refusal for mark, refusal in marks.items() if start.startswith(mark)), None)
    if says is None and _FLEX_COLUMN in start.partition(b"\n")[0]:
        says = refusals.flex_text
    return (says or refusals.not_xml)()


def _document(head: bytes) -> str:
    # The name of a ZIP archive's first entry follows thirty bytes of header.
    if head.startswith(b"PK") and head[30:].startswith(_OFFICE):
        return "an Office document such as Excel"
    return _named(_DOCUMENTS, head)


def _named(marks: dict[bytes, str], head: bytes) -> str:
    return next((name for mark, name in marks.items() if head.startswith(mark)), "")
