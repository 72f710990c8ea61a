"""A symbol put where a person wants it: back to normal, on paper only, or anywhere between.

What is said holds until twenty more outcomes are there (`steps.symbols` leaves it until then); the evidence decides
again after that. Every such step is kept with who took it and why.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from common.errors import Conflict, Rejected
from learning.models import MetricState, Part, SymbolChange, SymbolStanding, SymbolState
from learning.services.locks import lock_symbols
from learning.services.versions import follow_symbols

_NAME_MAX = 64
_REASON_MAX = 500


@transaction.atomic
def put(member: Membership, symbol: str, standing: str, *, reason: str) -> SymbolChange:
    """From now on. Scanners are told so at once under the policy `evidence`; the record says so under any.

    Raises Rejected for a symbol or standing that is none, and without a reason; Conflict where it stands so already.
    """
    why = _checked(standing, reason)
    lock_symbols(member.workspace_id)
    name = _known_as(member.workspace_id, symbol)
    found = SymbolStanding.objects.filter(workspace_id=member.workspace_id, symbol=name).first()
    before = SymbolState.NORMAL if found is None else SymbolState(found.standing)
    if before == standing:
        raise Conflict("symbol_stands_so", f"{name} stands so already: {before.label.lower()}.")
    n = 0 if found is None else found.n
    seen = {} if found is None else dict(found.evidence)
    evidence = seen and {**seen, "standing": standing, "n_then": n, "held_by_person": True}
    now = timezone.now()
    change = SymbolChange.objects.create(
        workspace_id=member.workspace_id, symbol=name, before=before, after=standing, at=now, n=n,
        evidence=evidence, made_by_id=member.user_id, reason=why,
    )  # fmt: skip
    values: dict[str, Any] = {
        "standing": standing,
        "since": now,
        "as_of": now,
        "evidence": evidence,
    }
    SymbolStanding.objects.update_or_create(
        workspace_id=member.workspace_id, symbol=name, defaults=values
    )
    follow_symbols(member, reason=f"{name}: {why}")
    return change


def _checked(standing: str, reason: str) -> str:
    if standing not in SymbolState.values:
        known = ", ".join(SymbolState.values)
        words = f"There is no standing “{standing[:40]}”. There are: {known}."
        raise Rejected("standing_unknown", words, {"standing": [words]})
    why = reason.strip()[:_REASON_MAX]
    if not why:
        words = "Say why. It is kept beside the step."
        raise Rejected("reason_missing", words, {"reason": [words]})
    return why


def _known_as(workspace_id: int, symbol: str) -> str:
    """As the learner writes it, else in capitals: one may be put on paper before it was ever traded."""
    name = symbol.strip()
    # ß has two letters in capitals.
    if not name or len(name.upper()) > _NAME_MAX or not name.isprintable():
        words = f"A symbol has 1 to {_NAME_MAX} letters."
        raise Rejected("symbol_invalid", words, {"symbol": [words]})
    of = {"workspace_id": workspace_id}
    stood = SymbolStanding.objects.filter(**of, symbol__iexact=name)
    traded = MetricState.objects.filter(**of, part=Part.SYMBOL, key__iexact=name)
    return (
        stood.values_list("symbol", flat=True).first()
        or traded.values_list("key", flat=True).first()
        or name.upper()
    )
