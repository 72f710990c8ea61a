"""What every row reader works with: caches of the file, and what is known of each account so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfoNotFoundError

from journal.brokers.base import InstrumentRow, ParseOptions, UnreadableStatement
from journal.brokers.ibkr_flex.dates import Clock, Days
from journal.brokers.ibkr_flex.instruments import Instruments
from journal.brokers.ibkr_flex.notices import flex_notices
from journal.brokers.ibkr_flex.orders import PendingRows
from journal.brokers.ibkr_flex.values import Costs, Numbers
from journal.brokers.ibkr_flex.words import WordBook

_HINTS_MAX = 10
_ACCOUNTS_MAX = 10_000


class LastFill(NamedTuple):
    """The fill that the closed lots after it belong to."""

    instrument: InstrumentRow
    broker_id: str


@dataclass(slots=True)
class Account:
    id: str
    clock: Clock
    base_currency: str = ""
    alias: str = ""
    details: dict[str, str] = field(default_factory=dict)
    announced_row: int = -1
    has_executions: bool = False
    last_fill: LastFill | None = None
    pending: PendingRows = field(default_factory=PendingRows)
    strong_hints: set[str] = field(default_factory=set)
    weak_hints: set[str] = field(default_factory=set)

    def hint_base_currency(self, currency: str | None, *, strong: bool) -> None:
        hints = self.strong_hints if strong else self.weak_hints
        if currency and len(currency) == 3 and len(hints) < _HINTS_MAX:
            hints.add(currency)

    def derive_base_currency(self) -> str:
        """The one currency that the statement's own figures agree on, else ""."""
        hints = self.strong_hints or self.weak_hints
        return next(iter(hints)) if len(hints) == 1 else ""


class Desk:
    def __init__(self, options: ParseOptions, default_zone: str) -> None:
        self.options = options
        self.default_zone = default_zone
        self.numbers = Numbers()
        self.costs = Costs()
        self.days = Days(options.day_first)
        self.words = WordBook()
        self.notices = flex_notices()
        self.instruments = Instruments(self.numbers, self.days, self.notices)
        self.accounts: dict[str, Account] = {}
        self._clocks: dict[str, Clock] = {}

    def account(self, account_id: str) -> Account:
        account = self.accounts.get(account_id)
        if account is None:
            if len(self.accounts) >= _ACCOUNTS_MAX:
                raise UnreadableStatement(
                    "too_many_accounts",
                    f"The file names more than {_ACCOUNTS_MAX:,} accounts, which no statement does. "
                    "Nothing was imported. Check that the file is the one you meant.",
                )
            account = self.accounts[account_id] = Account(account_id, self._clock(account_id))
        return account

    def _clock(self, account_id: str) -> Clock:
        options = self.options
        zone = options.zone_by_account.get(account_id) or options.zone or self.default_zone
        clock = self._clocks.get(zone)
        if clock is None:
            try:
                clock = self._clocks[zone] = Clock(zone, self.days)
            except (ZoneInfoNotFoundError, ValueError):
                raise UnreadableStatement(
                    "unknown_time_zone",
                    f"The time zone {zone!r} does not exist. Choose one such as America/New_York.",
                ) from None
        return clock
