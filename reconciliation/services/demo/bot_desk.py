"""A bot's account: what it reports of its fills and orders, and what its broker says of the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from journal.domain.values import Side
from journal.models import CapturedKind, Via
from journal.services import clock
from journal.services.plans.actors import Actor
from journal.services.plans.writing import create_plan
from reconciliation.services.demo.desk import Desk, Held, working
from reconciliation.services.demo.flex import Paper, Statement

NOVA, QUILL, ORBIT = (
    Paper("NOVA", 81_000_001),
    Paper("QUILL", 81_000_002),
    Paper("ORBIT", 81_000_003),
)
FERN, HAZEL = Paper("FERN", 81_000_004), Paper("HAZEL", 81_000_005)
HOUR = timedelta(hours=1)


def play(desk: Desk, end: datetime) -> None:
    start = end - timedelta(days=30)
    _before(desk, start, end - 48 * HOUR)
    _the_day(desk, end - 48 * HOUR, end - 27 * HOUR)
    _read(desk, end, 26, 25.9)
    _today(desk, end - 27 * HOUR, end - 3 * HOUR)
    _read(desk, end, 2.5, 2.4)


def _read(desk: Desk, end: datetime, *hours: float) -> None:
    for one in hours:
        at = end - one * HOUR
        desk.read(at, _held(end, at), orders=list(_orders(end)), equity="52400")


def _before(desk: Desk, since: datetime, until: datetime) -> None:
    told = Statement(desk.account.broker_id, "Bot desk, before.xml", since, until)
    told.deposit("7100", since, Decimal(60_000))
    day = since + timedelta(days=2, hours=15)
    for number, (paper, quantity, price) in enumerate(
        ((NOVA, 100, "50"), (QUILL, 200, "20"), (ORBIT, 50, "80"), (FERN, 40, "120"))
    ):
        told.trade(f"7{101 + number}", day, paper, quantity, price)
    desk.state(told)


def _the_day(desk: Desk, since: datetime, until: datetime) -> None:
    """What the two say otherwise of the same fills, and what only one of them knows."""
    at = [since + timedelta(hours=1, minutes=20 * n) for n in range(9)]
    _plan(desk, since)
    desk.report(
        CapturedKind.EXECUTION,
        [
            _said("price", "7201", at[0], NOVA, 10, "50.40"),
            _said("fee", "7202", at[1], QUILL, 10, "20.10"),
            _said("large-fee", "7203", at[2], QUILL, 10, "20.20"),
            _said("rate", "7204", at[3], FERN, 2, "121.00"),
            _said("once", "7205", at[4], FERN, 3, "121.50"),
            _said("twice", "7205-again", at[4], FERN, 3, "121.50"),
            _said("nobody", "7206-never", at[5], ORBIT, 5, "80.00"),
            _said("planned", "7207", at[6], HAZEL, 60, "33.00", plan_id="demo-hazel"),
        ],
    )  # fmt: skip
    desk.report(
        CapturedKind.ORDER,
        [
            {
                "record_id": f"{desk.account.broker_id}-overfilled", "client_order_id": "bot-77", "order_id": "9077",
                "symbol": "FERN", "side": "buy", "quantity": 10, "filled_quantity": 11, "limit_price": "119",
                "order_type": "limit", "status": "partially_filled", "at": at[7].isoformat(),
            },
            {
                "record_id": f"{desk.account.broker_id}-stop", "client_order_id": "bot-78", "order_id": "9078",
                "symbol": "NOVA", "side": "sell", "quantity": 90, "stop_price": "46", "order_type": "stop",
                "role": "stop_loss", "status": "placed", "at": at[8].isoformat(),
            },
        ],
    )  # fmt: skip
    told = Statement(desk.account.broker_id, "Bot desk, yesterday.xml", since, until)
    told.trade("7201", at[0], NOVA, 10, "50.45", orderReference="bot")
    told.trade("7202", at[1], QUILL, 10, "20.10", fee="1.75", orderReference="bot")
    told.trade("7203", at[2], QUILL, 10, "20.20", fee="9.50", orderReference="bot")
    told.trade("7204", at[3], FERN, 2, "121.00", orderReference="bot")
    told.trade("7205", at[4], FERN, 3, "121.50", orderReference="bot")
    told.trade("7207", at[6], HAZEL, 60, "33.00", orderReference="bot")
    desk.state(told)


def _today(desk: Desk, since: datetime, until: datetime) -> None:
    """What nobody here gave an order for."""
    at = [since + timedelta(hours=5, minutes=25 * n) for n in range(5)]
    told = Statement(desk.account.broker_id, "Bot desk, today.xml", since, until)
    told.trade("7301", at[0], NOVA, -20, "51.10", openCloseIndicator="C")
    told.trade("7302", at[1], QUILL, -30, "19.05", openCloseIndicator="C", orderType="STP")
    told.trade("7303", at[2], ORBIT, -10, "77.40", openCloseIndicator="C", notes="L")
    told.trade("7304", at[3], FERN, 5, "122.30", openCloseIndicator="O")
    told.trade("7305", at[4], FERN, 4, "122.90", openCloseIndicator="O")
    told.trade(
        "7306", at[4], FERN, 4, "122.70", openCloseIndicator="O", transactionType="TradeCorrect", notes="Co",
        origTransactionID="7305", origTradeID="7305",
    )  # fmt: skip
    desk.state(told)


def _said(
    name: str, exec_id: str, at: datetime, paper: Paper, quantity: int, price: str, **more: str
) -> dict[str, Any]:  # fmt: skip
    """The bot's word on a fill. Of one of them it takes the fee for dollars, and it was euros."""
    return {
        "record_id": f"{paper.number}-{name}", "exec_id": f"x{exec_id}", "symbol": paper.symbol, "side": "buy",
        "quantity": quantity, "price": price, "executed_at": at.isoformat(), "fee": "1.00",
        "fee_currency": "EUR" if name == "rate" else "USD", "client_order_id": f"bot-{name}", **more,
    }  # fmt: skip


def _plan(desk: Desk, at: datetime) -> None:
    with clock.told_at(at):
        create_plan(
            desk.account.workspace_id,
            {
                "plan_id": "demo-hazel", "account": desk.account.broker_id, "broker": desk.account.broker,
                "symbol": "HAZEL", "side": "buy", "entry_price": "33", "stop_price": "31", "target_price": "38",
                "quantity": 60,
            },
            Actor("Demo", Via.API, user_id=desk.user_id),
        )  # fmt: skip


def _held(end: datetime, at: datetime) -> Iterable[Held]:
    """As the broker's own trades make it."""
    is_late = at > end - 3 * HOUR
    sold: Mapping[str, int] = {"NOVA": 20, "QUILL": 30, "ORBIT": 10, "FERN": -9} if is_late else {}
    held = (
        (NOVA, 110, "51.2"),
        (QUILL, 220, "19.1"),
        (ORBIT, 50, "77.5"),
        (FERN, 45, "122"),
        (HAZEL, 60, "33.4"),
    )
    for paper, quantity, price in held:
        units = Decimal(quantity - sold.get(paper.symbol, 0))
        stop = Decimal("44.5") if paper is NOVA else None
        yield Held(paper, units, price=Decimal(price), stop=stop)


def _orders(end: datetime) -> Iterable[Any]:
    placed = end - 44 * HOUR
    yield working(FERN, Side.BUY, 10, placed, order_id="9077", client_id="bot-77", filled=9)
    yield working(NOVA, Side.SELL, 90, placed, order_id="9078", client_id="bot-78", stop="44.5")
