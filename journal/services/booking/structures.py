"""What trades of several legs are, written beside them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from journal.domain.structures.grouping import Group
from journal.domain.structures.life import Life
from journal.domain.structures.values import Figure
from journal.models import BrokerAccount, Structure
from journal.selectors.lives import read_lives

_COLUMNS = (
    "kind", "name", "units", "net_premium", "max_profit", "max_profit_since_adjusted", "max_loss", "risk",
    "break_evens", "reasons", "was_rolled", "joined_by",
)  # fmt: skip
# Their lives are read together.
_AT_ONCE = 500


def store_structures(
    account: BrokerAccount, groups: Mapping[int, Group], gone: Collection[int] | None
) -> int:
    """Of the trades by id, and of none else that is `gone` (None: none else in the account). Says how many changed."""
    mine = Structure.objects.filter(account_id=account.pk)
    stale = mine.exclude(pk__in=groups) if gone is None else mine.filter(pk__in=gone)
    changed = stale.delete()[0]
    ids = sorted(groups)
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        changed += _store(account, {id_: groups[id_] for id_ in part})
    return changed


def _store(account: BrokerAccount, groups: Mapping[int, Group]) -> int:
    known = Structure.objects.in_bulk(list(groups))
    fresh = []
    for trade_id, life in read_lives(groups).items():
        values = structure_values(life, groups[trade_id])
        old = known.get(trade_id)
        if old is None or any(getattr(old, name) != value for name, value in values.items()):
            fresh.append(
                Structure(
                    id=trade_id, workspace_id=account.workspace_id, account_id=account.pk, **values
                )
            )
    Structure.objects.filter(pk__in=[one.pk for one in fresh]).delete()
    Structure.objects.bulk_create(fresh, batch_size=_AT_ONCE)
    return len(fresh)


def structure_values(life: Life, group: Group | None = None) -> dict[str, Any]:
    payoff = life.payoff
    figures = {
        "net_premium": payoff.net_premium,
        "max_profit": payoff.max_profit,
        "max_profit_since_adjusted": life.max_profit,
        "max_loss": payoff.max_loss,
        "risk": Figure(life.risk.amount, life.risk.reason),
    }
    values: dict[str, Any] = {name: figure.value for name, figure in figures.items()}
    reasons = {name: str(figure.reason) for name, figure in figures.items() if figure.reason}
    if payoff.break_evens_unknown:
        reasons["break_evens"] = str(payoff.break_evens_unknown)
    return {
        "kind": str(life.shape.kind),
        "name": life.shape.name,
        "units": life.shape.units,
        **values,
        "break_evens": list(payoff.break_evens),
        "reasons": reasons,
        "was_rolled": life.is_rolled,
        "joined_by": _joined_by(group) if group else "",
    }


def _joined_by(group: Group) -> str:
    if group.by_hand:
        return "hand"
    return " ".join(sorted({str(tie.kind) for tie in group.ties}))
