"""Files that tell of an order of ten shares: an entry by hand, a statement in pieces, a bot; and the book they leave."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django_scopes import scope

from journal.models import BrokerAccount, DataIssue, Execution, ImportBatch, ImportState
from journal.services.verification import verify_account
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now
from tests.integration.journal.rows import account_of, import_rows
from tests.integration.journal.rows import fill as reported
from tests.integration.journal.test_many_sources import ACME

NUMBERS = iter(range(1, 10**9))


def entry(*fills: str) -> str:
    """`+10@10.05 10:31`, of an order if `A` stands before it."""
    rows = []
    for text in fills:
        what, clock = text.split(" ")
        order, _, what = what.rpartition(":")
        amount, price = what.split("@")
        hour, _, minute = clock.partition(":")
        rows.append(
            {
                "record_id": f"m{next(NUMBERS)}", "symbol": "ACME", "asset_class": "stock", "currency": "USD",
                "side": "sell" if amount.startswith("-") else "buy", "quantity": amount.lstrip("+-"), "price": price,
                "executed_at": f"2026-06-02T{hour}:{minute}:00-04:00", "fee": "1", "fee_currency": "USD",
                **({"order_id": order} if order else {}),
            }
        )  # fmt: skip
    account = {"broker": "ibkr", "number": "U7000001", "currency": "USD"}
    return json.dumps(
        {
            "fillbook_entry": 1,
            "entered_at": "2026-06-02T20:00:00+00:00",
            "zone": "America/New_York",
            "account": account,
            "fills": rows,
        }
    )


def flex(*fills: str, **more: str) -> str:
    """`1:A:+4@10.04 103112`: fill 1, of order A. Before the clock may stand another day: `3;000001`."""
    rows = []
    for text in fills:
        what, clock = text.split(" ")
        number, order, what = what.split(":")
        amount, price = what.split("@")
        rows.append(
            trade(
                transactionID=number, tradeID=f"9{number}", ibExecID=f"e.{number}", ibOrderID=order,
                dateTime=f"2026060{clock if ';' in clock else f'2;{clock}'}", quantity=amount.lstrip("+"), tradePrice=price,
                buySell="SELL" if amount.startswith("-") else "BUY", **more,
            )
        )  # fmt: skip
    return statement(*rows)


def bot(*fills: str) -> str:
    """As a statement's fills, and a second later; only executions and orders are named."""
    return "bot " + "|".join(fills)


def _reported(content: str) -> list[object]:
    rows = []
    for text in content.removeprefix("bot ").split("|"):
        what, clock = text.split(" ")
        number, order, what = what.split(":")
        amount, price = what.split("@")
        day, _, clock = clock.rpartition(";")
        at = datetime.strptime(f"2026060{day or 2}{clock} -0400", "%Y%m%d%H%M%S %z")
        row = reported(int(number), int(amount), price, instrument=ACME)
        rows.append(
            row._replace(
                broker_id="", trade_id="", exec_id=f"e.{number}", order_id=order, authority=26, fee=None, tax=None,
                executed_at=(at + timedelta(seconds=1)).astimezone(UTC),
            )
        )  # fmt: skip
    return rows


ENTRY = entry("+10@10.05 10:31")
PIECES = flex("1:A:+4@10.04 103112", "2:A:+6@10.057 103340")
BOOKED = Counter({("buy", "4", "10.04"): 1, ("buy", "6", "10.057"): 1})
ALONE = Counter({("buy", "10", "10.05"): 1})


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def book(workspace) -> Counter[tuple[str, str, str]]:
    with scope(workspace=workspace):
        for account in BrokerAccount.objects.all():
            assert verify_account(account) == []
        return Counter(
            (side, plain(quantity), plain(price))
            for side, quantity, price in Execution.objects.values_list("side", "quantity", "price")
        )


def take(workspace, content: str) -> ImportBatch:
    if content.startswith("bot "):
        with scope(workspace=workspace):
            account = account_of(workspace.pk, base_currency="USD", zone="America/New_York")
            import_rows(account, _reported(content), source="bot")
            return ImportBatch.objects.latest("pk")
    batch = import_now(workspace, content, name="x.json" if content[0] == "{" else "x.xml")
    assert batch.state == ImportState.DONE, batch.error_message
    return batch


def issues(workspace) -> set[str]:
    with scope(workspace=workspace):
        return set(DataIssue.objects.values_list("code", flat=True))
