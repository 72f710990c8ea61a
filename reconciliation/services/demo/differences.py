"""Every way in which a book and a broker can differ, in accounts of the demo: each with what it takes on both sides,
of several ages, and what people made of some of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from accounts.models import Membership
from journal.domain.values import LotMethod
from journal.models import BrokerAccount, Connection
from journal.services import clock
from journal.services.accounts import create_account
from journal.services.pulls.connections import create_connection, fetcher_named, pause_connection
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.life import State
from reconciliation.models import Divergence
from reconciliation.services import resolving
from reconciliation.services.demo import bot_desk, challenge, long_term, old_broker
from reconciliation.services.demo.desk import Desk
from reconciliation.services.demo.flex import ZONE

_NAMES = ("Bot desk", "Long term", "Challenge", "Old broker")


def tell_differences(membership: Membership, *, tag: str, end: datetime) -> bool:
    """All of it or nothing. False where it was told before: what people did with it since then stays."""
    with transaction.atomic():
        desks = _open(membership, tag)
        if desks is None:
            return False
        play_all(desks, membership, end=end)
        decide(membership)
    return True


def play_all(desks: dict[str, Desk], membership: Membership, *, end: datetime) -> None:
    """Evidence and readings. The same again adds nothing."""
    bot_desk.play(desks["Bot desk"], end)
    long_term.play(desks["Long term"], end)
    challenge.play(desks["Challenge"], end, membership)
    old_broker.play(desks["Old broker"], end)


def desks_of(membership: Membership, tag: str) -> dict[str, Desk]:
    connection = Connection.objects.get(name=_connection_name(tag))
    return {
        name: Desk(
            BrokerAccount.objects.get(broker="ibkr", broker_id=number), connection, membership.user_id
        )
        for name, number in _numbers(tag).items()
    }  # fmt: skip


def _open(membership: Membership, tag: str) -> dict[str, Desk] | None:
    numbers = _numbers(tag)
    workspace_id = membership.workspace_id
    if BrokerAccount.objects.filter(broker="ibkr", broker_id__in=numbers.values()).exists():
        return None
    for name, number in numbers.items():
        create_account(
            workspace_id, broker="ibkr", broker_id=number, name=name, base_currency="USD", zone=ZONE.key,
            lot_method=LotMethod.FIFO,
        )  # fmt: skip
    connection = create_connection(
        workspace_id, fetcher_named("ibkr_flex"), {"token": f"demo-{tag}", "query_id": "1"}, user_id=membership.user_id,
        name=_connection_name(tag), account_numbers=list(numbers.values()),
    )  # fmt: skip
    # Nobody there knows this token, so nobody is asked.
    pause_connection(connection)
    return desks_of(membership, tag)


def _numbers(tag: str) -> dict[str, str]:
    return {name: f"U9{tag}{place}" for place, name in enumerate(_NAMES, 1)}


def _connection_name(tag: str) -> str:
    return f"Demo broker {tag}"


class _Decision(NamedTuple):
    kind: Kind
    act: Callable[[Divergence, Membership], object]
    hours: float  # after it opened


def decide(membership: Membership) -> None:
    """What people did so far: most of it still waits for them."""
    for kind, act, hours in _DECISIONS:
        found = Divergence.objects.filter(
            kind=kind, state=State.OPEN, workspace_id=membership.workspace_id
        )
        for one in found.exclude(opened_at=None).order_by("pk")[:1]:
            assert one.opened_at is not None
            with clock.told_at(_after(one.opened_at, hours)):
                act(one, membership)


def _after(moment: datetime, hours: float) -> datetime:
    return min(moment.replace(microsecond=0) + hours * bot_desk.HOUR, clock.now())


def _look(one: Divergence, membership: Membership) -> None:
    resolving.investigate(one, membership, reason="Asked the broker; case 20418.")


def _propose(one: Divergence, membership: Membership) -> None:
    resolving.investigate(one, membership, reason="Compared with the contract note.")
    resolving.propose(one, membership, reason="The contract note says the same as the broker.")


def _settle(one: Divergence, membership: Membership) -> None:
    resolving.investigate(one, membership, reason="The bot's log has the order once.")
    resolving.settle(one, membership, reason="Sent twice by the bot after a time-out, filled once.")


def _accept(one: Divergence, membership: Membership) -> None:
    resolving.investigate(one, membership)
    resolving.accept(
        one, membership, reason="The transfer is on its way; the broker books it on Friday."
    )


def _void(one: Divergence, membership: Membership) -> None:
    resolving.void(
        one, membership, reason="The new code is a remark of the venue and means nothing here."
    )


_DECISIONS = (
    _Decision(Kind.PRICE, _propose, 1),
    _Decision(Kind.QUANTITY, _propose, 3),
    _Decision(Kind.DUPLICATE_FILL, _settle, 2),
    _Decision(Kind.SPLIT, _look, 4),
    _Decision(Kind.TIMEZONE, _look, 1),
    _Decision(Kind.TRANSFER, _accept, 6),
    _Decision(Kind.SCHEMA, _void, 0.5),
)
