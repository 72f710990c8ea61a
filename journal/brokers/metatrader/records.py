"""Deals of one account into records. All deals of a file are needed before the first can be told: what a lot is worth
follows from those that close (`contracts`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import attrgetter
from zoneinfo import ZoneInfo

from journal.brokers.base import (
    POSITION,
    CashBalanceRow,
    CashKind,
    CashRow,
    ExecutionRow,
    NavRow,
    OtherRow,
    ProblemRow,
    Record,
    ReportKind,
    StatementInfo,
)
from journal.brokers.metatrader.ledger import Ledger, Outcome, is_hedged
from journal.brokers.metatrader.positions import Held, position_rows
from journal.brokers.metatrader.remarks import REMEDIES, new_notices, no_currency
from journal.brokers.metatrader.values import Deal, Entry, Head, Listed
from journal.brokers.text.faults import Missing
from journal.brokers.text.lots import POINTS, Contract, Contracts, Fact, Rates, Symbol
from journal.brokers.text.safely import left_out
from journal.domain.exact import divide, share
from journal.domain.values import ONE, ZERO, ExecutionKind, LotMethod, PositionEffect, Side

AUTHORITY_STATEMENT = 40
_NOTHING = Outcome()
_EFFECTS = {
    Entry.IN: PositionEffect.OPEN,
    Entry.OUT: PositionEffect.CLOSE,
    Entry.OUT_BY: PositionEffect.CLOSE,
    Entry.INOUT: PositionEffect.CLOSE_OPEN,
}
# By what money came, by what money went.
_CASH = {
    "balance": (CashKind.DEPOSIT, CashKind.WITHDRAWAL),
    "credit": (CashKind.OTHER, CashKind.OTHER),
    "bonus": (CashKind.OTHER, CashKind.OTHER),
    "charge": (CashKind.FEE, CashKind.FEE),
    "correction": (CashKind.ADJUSTMENT, CashKind.ADJUSTMENT),
    "commission": (CashKind.COMMISSION_ADJUSTMENT, CashKind.FEE),
    "interest": (CashKind.INTEREST_RECEIVED, CashKind.INTEREST_PAID),
    "dividend": (CashKind.DIVIDEND, CashKind.DIVIDEND),
    "tax": (CashKind.TAX, CashKind.TAX),
}
_in_time = attrgetter("at", "number", "row")


@dataclass(slots=True)
class Source:
    """All that was read of one account. `rows` are in file order: deals, and what is kept or was not understood."""

    head: Head
    zone: ZoneInfo
    rows: list[Deal | OtherRow | ProblemRow] = field(default_factory=list)
    listed: list[Listed] = field(default_factory=list)
    hints: defaultdict[str, list[Fact]] = field(default_factory=lambda: defaultdict(list))
    symbols: list[Symbol] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    positions_of: date | None = None  # the day at whose end they were held
    is_zone_open: bool = False  # ticks were looked at, and did not tell the server's zone


def records_of(source: Source) -> Iterator[Record]:
    """Raises UnreadableStatement where not even the account's currency is known."""
    deals = [one for one in source.rows if isinstance(one, Deal)]
    teller = _Teller(source, deals)
    yield teller.info()
    for row in source.rows:
        yield teller.tell(row) if isinstance(row, Deal) else row
    yield from teller.balances()
    yield from teller.positions(source)
    yield from teller.notices.tell()


class _Teller:
    def __init__(self, source: Source, deals: list[Deal]) -> None:
        self._head = source.head
        self._zone = source.zone
        self.notices = new_notices()
        traded = sorted((one for one in deals if _is_trade(one)), key=_in_time)
        stated = source.head.is_hedging
        self._is_hedging = is_hedged(traded) if stated is None else stated
        ledger = Ledger(is_hedging=self._is_hedging, listed=source.listed)
        self._outcomes = {id(deal): ledger.apply(deal) for deal in traded}
        self._contracts = self._learn_contracts(source, traded)
        self._currency = self._contracts.currency
        if deals and not self._currency:
            raise no_currency()
        if self._contracts.is_derived and self._currency:
            self.notices.add(
                self._head.account_id, source.head.row, "base_currency_derived", self._currency
            )
        if deals and source.is_zone_open:
            self.notices.add(
                self._head.account_id, source.head.row, "zone_unchecked", source.zone.key
            )
        self._rates = self._learn_rates(traded)

    def _learn_contracts(self, source: Source, traded: Iterable[Deal]) -> Contracts:
        facts: defaultdict[str, list[Fact]] = defaultdict(list)
        for deal in traded:
            outcome = self._outcomes[id(deal)]
            if outcome.units and deal.profit and not outcome.is_guess:
                facts[deal.symbol].append(Fact(outcome.units, deal.profit))
        hints = {**source.hints}
        for one in source.listed:
            if one.units and one.profit:
                hints[one.symbol] = [*hints.get(one.symbol, ()), Fact(one.units, one.profit)]
        return Contracts(source.head.currency, facts, hints, source.symbols)

    def _learn_rates(self, traded: Iterable[Deal]) -> Rates:
        rates = Rates()
        for deal in traded:
            outcome, contract = self._outcomes[id(deal)], self._contracts.find(deal.symbol)
            if contract is not None and not contract.is_own and outcome.units:
                fact = Fact(outcome.units, deal.profit)
                rates.learn(contract.instrument, outcome.position, deal.at, fact)
        return rates

    def info(self) -> StatementInfo:
        head = self._head
        return StatementInfo(
            row=head.row,
            account_id=head.account_id,
            base_currency=self._currency,
            account_alias=head.alias,
            from_on=None,
            to_on=None,
            generated_at=head.generated_at,
            zone=self._zone.key,
            raw=head.raw,
            is_hedging=self._said_of_hedging(),
            lot_method=LotMethod.AVERAGE,
        )

    def _said_of_hedging(self) -> bool | None:
        """That nothing stands against what is open is no word: another file may know better."""
        return True if self._is_hedging else self._head.is_hedging

    def tell(self, deal: Deal) -> Record:
        try:
            if _is_trade(deal):
                return self._execution(deal)
            if deal.kind.startswith(("buy", "sell")):
                return self._cancel(deal)
            return self._cash(deal)
        except Missing as missing:
            what = f"deal {deal.ticket} {deal.symbol}".strip()
            return left_out(deal.row, self._head.account_id, deal.raw, missing, REMEDIES.get, what)

    def _contract(self, deal: Deal) -> Contract:
        contract = self._contracts.find(deal.symbol)
        if contract is None:
            raise Missing(
                "contract_unknown", f"the file does not say what one lot of {deal.symbol} is"
            )
        if contract.is_assumed:
            self.notices.add(self._head.account_id, deal.row, "contract_size_assumed", deal.symbol)
        if contract.instrument.currency == POINTS:
            self.notices.add(self._head.account_id, deal.row, "quoted_in_points", deal.symbol)
        return contract

    def _execution(self, deal: Deal) -> ExecutionRow | OtherRow:
        if not deal.volume:
            self.notices.add(self._head.account_id, deal.row, "zero_quantity")
            return OtherRow(deal.row, self._head.account_id, "Deals", deal.raw)
        contract = self._contract(deal)
        outcome = self._outcomes[id(deal)]
        rate = self._rate(deal, contract, outcome)
        if outcome.is_guess:
            self.notices.add(self._head.account_id, deal.row, "position_guessed")
        return self._row(deal, contract, outcome, rate)

    def _rate(self, deal: Deal, contract: Contract, outcome: Outcome) -> Decimal | None:
        """Account's currency for one of the instrument's: what the deal's own profit says, if it says anything."""
        instrument = contract.instrument
        if outcome.units is not None:
            quoted = outcome.units * instrument.multiplier
            if contract.is_own:
                self._check(deal, quoted)
            elif quoted * deal.profit > 0:
                return divide(deal.profit, quoted)
            elif quoted and abs(deal.profit) > Decimal("0.01"):
                self.notices.add(self._head.account_id, deal.row, "profit_without_price")
        return ONE if contract.is_own else self._rates.near(instrument, outcome.position, deal.at)

    def _check(self, deal: Deal, expected: Decimal) -> None:
        if abs(expected - deal.profit) > Decimal("0.01") + abs(expected) * Decimal("0.0005"):
            self.notices.add(self._head.account_id, deal.row, "profit_without_price")

    def _row(
        self,
        deal: Deal,
        contract: Contract,
        outcome: Outcome = _NOTHING,
        rate: Decimal | None = None,
    ) -> ExecutionRow:
        ticket = f"{POSITION}{outcome.position}" if self._is_hedging and outcome.position else ""
        is_cancel = deal.entry is None or not _is_trade(deal)
        return ExecutionRow(
            row=deal.row,
            account_id=self._head.account_id,
            raw=deal.raw,
            instrument=contract.instrument,
            report=ReportKind.CANCEL if is_cancel else ReportKind.FILL,
            kind=ExecutionKind.TRADE,
            broker_id=deal.ticket,
            exec_id=deal.ticket,
            trade_id=ticket,
            order_id=deal.order,
            order_reference=deal.reference,
            original_ids=(deal.ticket,) if is_cancel else (),
            side=Side.BUY if deal.sign > 0 else Side.SELL,
            quantity=deal.volume,
            price=deal.price,
            executed_at=deal.at,
            zone=self._zone.key,
            reported_on=None,
            settled_on=None,
            fee=-deal.costs or ZERO,
            tax=ZERO,
            fee_currency=self._currency,
            fx_rate=rate,
            effect=PositionEffect.UNKNOWN if deal.entry is None else _EFFECTS[deal.entry],
            proceeds=None,
            net_cash=None,
            stated_cost=None,
            stated_pnl=self._stated_pnl(deal, contract, outcome, rate),
            order_type="",
            ordered_at=None,
            exchange="",
            notes=(),
            authority=AUTHORITY_STATEMENT,
        )

    def _stated_pnl(
        self, deal: Deal, contract: Contract, outcome: Outcome, rate: Decimal | None
    ) -> Decimal | None:
        """Net of what closing cost, and of what opening had cost where the file says it; in the quoted currency."""
        if deal.entry in (None, Entry.IN) or rate is None:
            return None
        costs = deal.costs
        if deal.entry is Entry.INOUT and outcome.closed < deal.volume:
            costs = share(costs, outcome.closed, deal.volume)
        net = deal.profit + costs - outcome.opening_costs
        return net if contract.is_own else divide(net, rate)

    def _cancel(self, deal: Deal) -> ExecutionRow | OtherRow:
        """A deal that the dealer took back. Its money comes as a balance operation of its own."""
        if not deal.volume or self._contracts.find(deal.symbol) is None:
            return OtherRow(deal.row, self._head.account_id, "Deals", deal.raw)
        return self._row(deal, self._contract(deal))

    def _cash(self, deal: Deal) -> CashRow:
        amount = deal.profit + deal.costs
        word = deal.kind.split(" ")[0]
        if word not in _CASH:
            self.notices.add(self._head.account_id, deal.row, "unknown_cash_type", deal.kind)
        came, went = _CASH.get(word, (CashKind.OTHER, CashKind.OTHER))
        return CashRow(
            row=deal.row,
            account_id=self._head.account_id,
            raw=deal.raw,
            broker_id=deal.ticket,
            kind=went if amount < 0 else came,
            amount=amount,
            currency=self._currency,
            fx_rate=ONE,
            occurred_at=deal.at,
            reported_on=None,
            description=": ".join(filter(None, (deal.kind, deal.comment))),
            instrument=None,
            trade_id="",
            is_reversal=False,
        )

    def positions(self, source: Source) -> Iterator[Record]:
        if source.positions_of is not None:
            yield from position_rows(
                source.held, self._contracts, self._head.account_id, source.positions_of
            )

    def balances(self) -> Iterator[Record]:
        head = self._head
        if head.generated_at is None:
            return
        on = head.generated_at.astimezone(self._zone).date()
        if head.balance is not None:
            yield CashBalanceRow(
                head.row, head.account_id, head.raw, self._currency, True, head.balance, None, on
            )
        if head.equity is not None:
            yield NavRow(head.row, head.account_id, head.raw, on, head.equity)


def _is_trade(deal: Deal) -> bool:
    return deal.kind in ("buy", "sell") and deal.entry is not None
