"""ib_async's client, which may ask and never order.

Its own class for applications (`ib_async.IB`) keeps a view of the account and leaves out what does not fit it: fills of
orders that ended before it connected, commissions that come before their fill. So this stands on the layer below, the
client of the protocol, and hears every message.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from ib_async.client import Client
from ib_async.decoder import Decoder

logger = logging.getLogger(__name__)

# The messages that are sent at all: executions, all open orders, the time, the start of a session, completed orders.
READS = frozenset({7, 16, 49, 71, 99})
_TIME_OF_EXECUTION = 15
# In this form times are UTC, which ib_async takes for the zone of this machine.
_UTC = re.compile(r"(\d{8})-(\d{2}:\d{2}:\d{2})")


class ReadOnly(PermissionError):
    """Something here wanted to send what is no question."""


class Reader(Decoder):
    """Tells of messages that cannot be read, where ib_async's own logs them and goes on."""

    def interpret(self, fields: list[str]) -> None:
        try:
            handler = self.handlers.get(int(fields[0]))
            if handler is not None:
                handler(fields)
        except Exception as error:
            self.wrapper.unread(fields, error)

    def execDetails(self, fields: list[str]) -> None:  # noqa: N802 - ib_async's name
        if utc := _UTC.fullmatch(fields[_TIME_OF_EXECUTION]):
            fields[_TIME_OF_EXECUTION] = f"{utc[1]} {utc[2]} UTC"
        super().execDetails(fields)


class ReadOnlyClient(Client):
    def __init__(self, wrapper: Any) -> None:
        super().__init__(wrapper)
        self.decoder = Reader(wrapper, 0)

    def send(self, *fields: Any, makeEmpty: bool = True) -> None:  # noqa: N803 - ib_async's name
        if fields[0] not in READS:
            raise ReadOnly(f"The message {fields[0]} is none of those that only ask.")
        super().send(*fields, makeEmpty=makeEmpty)
