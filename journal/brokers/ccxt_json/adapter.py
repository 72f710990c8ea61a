"""The statement parser of ccxt's structures, and of answers of exchanges, as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from journal.brokers.base import ParseOptions, Record
from journal.brokers.ccxt_json.reader import read_ccxt
from journal.brokers.text.decoding import sight

_OURS = re.compile(rb'"fillbook"\s*:\s*"ccxt"')
# Fields that no other file has together. The start is in lower case.
_FIELDS = tuple(
    frozenset(b'"%s"' % name for name in names)
    for names in (
        (b"symbol", b"side", b"amount", b"price", b"takerormaker"),
        (b"symbol", b"side", b"amount", b"filled", b"clientorderid"),
        (b"symbol", b"side", b"amount", b"price", b"cost", b"timestamp", b"datetime"),
        (b"symbol", b"contracts", b"contractsize", b"entryprice"),
        (b"symbol", b"code", b"amount", b"timestamp", b"datetime", b"id"),
        (b"currency", b"amount", b"txid", b"timestamp", b"status"),
        (b"currency", b"amount", b"direction", b"referenceid", b"timestamp"),
        (b"retcode", b"result", b"execid"),
        (b"retcode", b"result", b"orderid", b"cumexecqty"),
        (b"retcode", b"result", b"positionvalue", b"size"),
        (b"retcode", b"result", b"walletbalance"),
        (b"retcode", b"result", b"fundingrate"),
        (b"orderid", b"commission", b"commissionasset"),
        (b"orderid", b"origqty", b"executedqty"),
        (b"positionamt", b"entryprice"),
        (b"incometype", b"income", b"asset"),
        (b"asset", b"balance", b"crosswalletbalance"),
        (b"makercommission", b"balances"),
        (b"instid", b"fillpx", b"fillsz"),
        (b"ccy", b"cashbal"),
    )
)


class CcxtJson:
    slug = "ccxt_json"
    broker = "ccxt"
    label = "Crypto exchange through ccxt (JSON)"
    default_zone = "UTC"

    def recognises(self, head: bytes, name: str) -> bool:
        start = sight(head)
        if not start.startswith((b"[", b"{")):
            return False
        return _OURS.search(start) is not None or any(
            all(field in start for field in fields) for fields in _FIELDS
        )

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        return read_ccxt(stream)
