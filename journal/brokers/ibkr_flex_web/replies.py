"""What the Flex Web Service answers: a receipt, an error, or the statement. All of them with status 200."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from defusedxml.ElementTree import ParseError, fromstring

_HOST = ".interactivebrokers.com"
_ROOT = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<([A-Za-z]+)[\s/>]", re.DOTALL
)
_STATEMENT = re.compile(rb"<FlexStatement\s[^>]*>")
_ATTRIBUTE = re.compile(rb"""(\w+)\s*=\s*("[^"]*"|'[^']*')""")
# A receipt or an error is short; what is longer is none.
_REPLY_BYTES_MAX = 64 * 1024
_DAY_FORMATS = ("%Y%m%d", "%Y-%m-%d", "%d-%b-%y")


class Receipt(NamedTuple):
    """`url` is where the statement can be fetched, "" where it is none of the broker's own."""

    reference: str
    url: str


class Failure(NamedTuple):
    code: str
    message: str


class Statement(NamedTuple):
    """`is_whole`: its end is there. The days are those that every account of it covers, None where one does not say."""

    content: bytes
    is_whole: bool
    first_day: date | None
    last_day: date | None
    generated_at: str


class Nonsense(NamedTuple):
    """Neither. `kind`: text (a query saved as CSV), page (HTML), empty, other."""

    kind: str


Reply = Receipt | Failure | Statement | Nonsense


def read_reply(content: bytes) -> Reply:
    root = _ROOT.match(content)
    if root is None:
        return Nonsense(_kind(content))
    name = root.group(1).decode()
    if name == "FlexQueryResponse":
        return _statement(content)
    if name == "FlexStatementResponse" and len(content) <= _REPLY_BYTES_MAX:
        return _short(content)
    return Nonsense(_kind(content))


def _kind(content: bytes) -> str:
    start = content.lstrip()[:200].lower()
    if not start:
        return "empty"
    if b"<html" in start or b"<!doctype html" in start:
        return "page"
    first_line = start.partition(b"\n")[0]
    return "text" if b"," in first_line and not start.startswith((b"<", b"{")) else "other"


def _short(content: bytes) -> Reply:
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, ValueError):
        return Nonsense("other")
    texts = {child.tag.lower(): (child.text or "").strip() for child in root}
    code = texts.get("errorcode", "")
    if texts.get("status", "").lower() == "success" and texts.get("referencecode") and not code:
        url = texts.get("url", "")
        return Receipt(texts["referencecode"], url if is_own(url) else "")
    return Failure(code[:10], texts.get("errormessage", "")[:300])


def is_own(url: str) -> bool:
    """Whether the token may be sent there."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    return (
        parts.scheme == "https"
        and host.endswith(_HOST)
        and port in (None, 443)
        and not parts.username
    )


def _statement(content: bytes) -> Statement:
    starts = [_attributes(tag.group()) for tag in _STATEMENT.finditer(content)]
    firsts = [_day(one.get("fromDate", "")) for one in starts]
    lasts = [_day(one.get("toDate", "")) for one in starts]
    is_stated = bool(starts) and None not in firsts and None not in lasts
    return Statement(
        content,
        is_whole=content.rstrip().endswith(b"</FlexQueryResponse>"),
        first_day=max(filter(None, firsts)) if is_stated else None,
        last_day=min(filter(None, lasts)) if is_stated else None,
        generated_at=min((one.get("whenGenerated", "") for one in starts), default=""),
    )


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        name.decode(): value[1:-1].decode("utf-8", "replace")
        for name, value in _ATTRIBUTE.findall(tag)
    }


def _day(text: str) -> date | None:
    for form in _DAY_FORMATS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
