"""The statement parser of Interactive Brokers Flex queries in XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from journal.brokers.base import ParseOptions, Record
from journal.brokers.ibkr_flex.columns import is_table
from journal.brokers.ibkr_flex.stream import read_elements
from journal.brokers.text.decoding import sight

# FlexStatementResponse and text exports without trades too: it is this adapter that can say what is wrong with them.
_MARKS = re.compile(
    rb"""<flex(queryresponse|statements?|statementresponse)[\s/>]|^"?clientaccountid\b|^"?bof"?,"""
    rb"""|^[^\n]{0,8000}?\bcurrencyprimary\b"""
)


class IbkrFlex:
    slug = "ibkr_flex"
    broker = "ibkr"
    label = "Interactive Brokers Flex (XML)"
    default_zone = "America/New_York"

    def recognises(self, head: bytes, name: str) -> bool:
        return _MARKS.search(sight(head)) is not None and not is_table(head)

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        return read_elements(stream, options, self.default_zone)
