"""An account under a firm's rule: money that differs, a clock that is an hour off, and a trade after the lock."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Membership
from journal.models import CapturedKind
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.machine import Settings
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.models import Guard
from reconciliation.services.demo.desk import Desk, Held
from reconciliation.services.demo.flex import ZONE, Paper, Statement
from reconciliation.services.guards.changing import create_guard

GUARD = "Challenge: ten per cent from the peak"
LUMEN = Paper("LUMEN", 83_000_001)
_HOUR = timedelta(hours=1)
_CASH = Decimal("12000.00")


def play(desk: Desk, end: datetime, membership: Membership) -> None:
    _before(desk, end - timedelta(days=25), end - 30 * _HOUR)
    _trade(desk, end - 30 * _HOUR, end - 8 * _HOUR, end)
    if not Guard.objects.filter(account=desk.account).exists():
        preset = PRESETS["drawdown"]
        version = Version(preset.limit, Settings(), preset.scope, closes=False, is_armed=True)
        create_guard(
            membership, desk.account, version, end - 8 * _HOUR, name=GUARD, preset="drawdown"
        )
    # Worth and price fall together, so that nobody has to doubt it.
    for minutes, price in (
        (470, "40.00"),
        (465, "39.80"),
        (420, "36.50"),
        (360, "30.10"),
        (359.8, "30.00"),
    ):
        _read(desk, end - minutes / 60 * _HOUR, price)
    _after(desk, end - 8 * _HOUR, end - 4 * _HOUR)
    for minutes in (200, 190):
        _read(desk, end - minutes / 60 * _HOUR, "30.40", units=615)


def _before(desk: Desk, since: datetime, until: datetime) -> None:
    told = Statement(desk.account.broker_id, "Challenge, before.xml", since, until)
    told.deposit("9100", since, Decimal(37_000))
    told.trade("9101", since + timedelta(days=1, hours=15), LUMEN, 640, "39.00")
    desk.state(told)


def _trade(desk: Desk, since: datetime, until: datetime, end: datetime) -> None:
    fills = (("9201", 10, "40.10"), ("9202", 10, "40.20"), ("9203", -20, "40.60"), ("9204", -40, "41.00"))  # fmt: skip
    at = [since + timedelta(hours=3, minutes=40 * n) for n in range(len(fills))]
    desk.report(
        CapturedKind.EXECUTION,
        [_said(*fill, moment) for fill, moment in zip(fills, at, strict=True)],
    )
    told = Statement(desk.account.broker_id, "Challenge, yesterday.xml", since, until)
    for (id_, quantity, price), moment in zip(fills, at, strict=True):
        told.trade(id_, moment, LUMEN, quantity, price, orderReference="bot")
    # First in, first out brings 78.97: the broker says less.
    told.lot("9204", at[-1], LUMEN, quantity=40, pnl="61.20")
    told.cash(_CASH, end.astimezone(ZONE).date())
    desk.state(told)


def _after(desk: Desk, since: datetime, until: datetime) -> None:
    """The bot went on, though nothing new was allowed any more; and the broker uses a word that is new."""
    fill = ("9301", 15, "30.20")
    moment = since + timedelta(hours=3)
    desk.report(CapturedKind.EXECUTION, [_said(*fill, moment)])
    told = Statement(desk.account.broker_id, "Challenge, today.xml", since, until)
    told.trade(
        fill[0], moment, LUMEN, fill[1], fill[2], orderReference="bot", openCloseIndicator="O", notes="O;Zq"
    )  # fmt: skip
    desk.state(told)


def _said(id_: str, quantity: int, price: str, at: datetime) -> dict[str, object]:
    """The bot's clock goes by another zone, and it says that it is UTC."""
    return {
        "record_id": f"{LUMEN.number}-{id_}", "exec_id": f"x{id_}", "symbol": "LUMEN",
        "side": "buy" if quantity > 0 else "sell", "quantity": abs(quantity), "price": price, "fee": "1.00",
        "fee_currency": "USD", "executed_at": (at - _HOUR).isoformat(), "client_order_id": f"bot-{id_}",
    }  # fmt: skip


def _read(desk: Desk, at: datetime, price: str, *, units: int = 600) -> None:
    worth = units * Decimal(price)
    held = Held(
        LUMEN, Decimal(units), price=Decimal(price), open_pnl=worth - units * Decimal("39.00")
    )  # fmt: skip
    desk.read(at, [held], equity=str(_CASH + worth), cash=_CASH - Decimal("37.50"))
