"""A guard has fired: each of its accounts is to be made flat, once however often it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

from django.db import transaction
from django.utils import timezone

from common.errors import Rejected
from journal.brokers.live import Holding
from journal.models import BrokerAccount, Instrument
from journal.services.contract_words import contract_key
from reconciliation.domain.closing import Intent, Phase, begin
from reconciliation.models import CloseIntent, GuardFiring
from reconciliation.selectors.ways import way_of
from reconciliation.services.closing import memory
from reconciliation.services.closing.seen import Target
from reconciliation.services.guards.ending import note_begun

PAPER = "paper"
# Brokers take names of 18 letters everywhere: MetaTrader cuts comments at 26, OKX at 32.
_KEY_LENGTH = 14
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


@transaction.atomic
def begin_closing(
    firing: GuardFiring, account_ids: Iterable[int], *, now: datetime | None = None
) -> list[CloseIntent]:
    """One intent for each account. What it holds is read from the broker when the intent is worked on, and not before:
    so nothing here takes long or fails. Raises Rejected where a drill is to close what is not the paper broker's.
    """
    accounts = list(BrokerAccount.objects.filter(pk__in=set(account_ids)).order_by("pk"))
    if firing.is_drill and any(one.broker != PAPER for one in accounts):
        raise Rejected("drill_not_paper", "A drill closes positions of the paper broker only.")
    at = now or timezone.now()
    roots = [_root(firing, account, at) for account in accounts]
    note_begun(firing.pk, at)
    return roots


def _root(firing: GuardFiring, account: BrokerAccount, now: datetime) -> CloseIntent:
    key = key_of(firing, account.pk)
    way = way_of(account)
    root, _ = CloseIntent.objects.get_or_create(
        key=key,
        defaults={
            "workspace_id": firing.workspace_id,
            "account": account,
            "connection": way,
            "firing": firing,
            "reason": reason_of(firing),
            "started_quantity": 0,
            "phase": Phase.READING,
            "began_at": now,
        },
    )
    return root


def reason_of(firing: GuardFiring) -> str:
    """Few of them: metrics count by it."""
    return "drill" if firing.is_drill else f"{firing.guard.kind}_guard"


def add_position(
    root: CloseIntent, target: Target, holding: Holding, *, count: int, now: datetime
) -> CloseIntent:
    """`count` of the same position were closed for this root before. Called while the root is held."""
    key = key_of(root.firing, root.account_id, target.market, target.ticket, str(count))
    closing = memory.of_holding(_intent(root, key, holding, now), holding)
    instrument = Instrument.objects.filter(key=contract_key(holding.instrument)).first()
    row = CloseIntent(
        workspace_id=root.workspace_id, account_id=root.account_id, connection_id=root.connection_id,
        firing_id=root.firing_id, root=root, key=key, instrument=instrument, symbol=holding.instrument.symbol[:64],
        ticket=holding.ticket, reason=root.reason, started_quantity=holding.signed_quantity,
    )  # fmt: skip
    memory.store(row, closing)
    row.save()
    return row


def _intent(root: CloseIntent, key: str, holding: Holding, now: datetime) -> Intent:
    """Its time is the account's: a position that is seen late is not given another minute for it."""
    began_at = min(root.began_at, now)
    return begin(key, holding.signed_quantity, began_at)


def key_of(firing: GuardFiring | None, *parts: object) -> str:
    """The same for the same, and another for everything else, also for another installation's."""
    who = (firing.pk, firing.fired_at.isoformat()) if firing else ()
    digest = blake2b("\0".join(map(str, (*who, *parts))).encode(), digest_size=16).digest()
    number = int.from_bytes(digest)
    letters = []
    for _ in range(_KEY_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "fb" + "".join(letters)
