"""Closed trades of the book as facts: what each came to, when that could be known, and what was known at its opening.

Everything here is read for many trades of one account at a time, in a fixed number of statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from common.sql import fetch
from journal.domain.exact import divide
from journal.domain.values import ZERO
from journal.models import BrokerAccount, Recommendation, TradeTag
from journal.selectors.joined_fills import known_keys
from journal.selectors.trade_paths import resized_among
from learning.domain.entry import AT_ENTRY, Stated, moment_known, outcome, stated_at_entry
from learning.models import TradeFact
from learning.models.facts import TAG
from learning.selectors.risks import EntryRisk, Opened, risks_of

_AT_ONCE = 1_000
# What decides whether a fact is another one than the one that is stored.
FIELDS = tuple(
    field.attname
    for field in TradeFact._meta.concrete_fields
    if field.attname not in ("workspace_id", "account_id", "digest")
)

_CLOSED = """
SELECT t.id, t.opened_at, t.closed_at, t.direction, t.symbol, t.underlying, t.asset_class, t.leg_count,
    t.average_open, t.quantity, t.net_pnl, t.net_base, t.fees, t.source,
    c.plan_id, p.strategy, coalesce(nullif(c.recommendation_id, ''), p.recommendation_id, ''),
    coalesce(c.close_reason, ''), coalesce(s.kind, ''), coalesce(s.name, ''), s.units,
    legs.multiplier, legs.is_inverse, legs.opened_quantity, legs.tick, legs.expires_on, coalesce(who.reporter, '')
FROM journal_trade t
LEFT JOIN journal_tradechain c ON c.id = t.id
LEFT JOIN journal_plan p ON p.id = c.plan_id
LEFT JOIN journal_structure s ON s.id = t.id
CROSS JOIN LATERAL (
    SELECT max(i.multiplier) AS multiplier, bool_or(i.is_inverse) AS is_inverse, min(i.expiry_on) AS expires_on,
        sum(l.opened_quantity) AS opened_quantity, max(coalesce(i.tick_size, 0) * i.multiplier) AS tick
    FROM journal_leg l JOIN journal_instrument i ON i.id = l.instrument_id WHERE l.trade_id = t.id
) legs
LEFT JOIN LATERAL (
    SELECT b.reporter FROM journal_execution e JOIN journal_executionreport r ON r.account_id = e.account_id
        AND r.fill_key = e.fill_key JOIN journal_importbatch b ON b.id = r.batch_id
    WHERE e.id = t.id AND b.withdrawn_at IS NULL AND b.reporter <> '' ORDER BY b.id LIMIT 1
) who ON TRUE
WHERE t.account_id = %(account)s AND t.id = ANY(%(trades)s) AND t.closed_at IS NOT NULL AND t.cost_known
    AND t.net_base IS NOT NULL
"""
# A fill is known from its first report on; captured ones are as of their calls. A trade is, once its last fill is.
_CAME = f"""
WITH own AS (
    SELECT l.trade_id, e.fill_key FROM journal_leg l JOIN journal_execution e ON e.leg_id = l.id
    WHERE l.trade_id = ANY(%(trades)s)
    UNION
    SELECT l.trade_id, e.fill_key FROM journal_leg l JOIN journal_execution e ON e.closed_leg = l.id
    WHERE l.trade_id = ANY(%(trades)s)
), known AS ({known_keys("own", "trade_id")}), first AS (
    SELECT known.trade_id, known.fill_key,
        min(CASE WHEN b.file_id IS NULL THEN coalesce(r.stated_at, b.received_at) ELSE b.received_at END) AS came_at
    FROM known JOIN journal_executionreport r ON r.account_id = %(account)s AND r.fill_key = known.key
    JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL GROUP BY 1, 2
)
SELECT trade_id, max(came_at) FROM (
    SELECT trade_id, came_at FROM first
    UNION ALL
    SELECT own.trade_id, c.created_at FROM own JOIN journal_correction c
    ON c.account_id = %(account)s AND c.fill_key = own.fill_key AND c.withdrawn_at IS NULL
) told GROUP BY 1
"""
_IDS = "SELECT id FROM journal_trade WHERE account_id = %s AND closed_at IS NOT NULL ORDER BY id"


class Closed(NamedTuple):
    id: int
    opened_at: datetime
    closed_at: datetime
    direction: str
    symbol: str
    underlying: str
    asset_class: str
    leg_count: int
    average_open: Decimal | None
    quantity: Decimal
    net_pnl: Decimal
    net_base: Decimal
    fees: Decimal
    source: str
    plan_id: int | None
    plan_strategy: str | None
    recommendation_id: str
    close_reason: str
    structure: str
    structure_name: str
    units: Decimal | None
    multiplier: Decimal
    is_inverse: bool
    opened_quantity: Decimal | None
    tick: Decimal
    expires_on: Any
    bot: str


def closed_ids(account_id: int) -> list[int]:
    return [id_ for (id_,) in fetch(_IDS, [account_id])]


def facts_of(account: BrokerAccount, trade_ids: Sequence[int]) -> list[TradeFact]:
    """Of those of the account's trades that are closed and whose result is known, in its base currency."""
    found = []
    for start in range(0, len(trade_ids), _AT_ONCE):
        found += _facts(account, trade_ids[start : start + _AT_ONCE])
    return found


def _facts(account: BrokerAccount, trade_ids: Sequence[int]) -> list[TradeFact]:
    wanted = {"account": account.pk, "trades": list(trade_ids)}
    closed = [Closed._make(row) for row in fetch(_CLOSED, wanted)]
    ids = [one.id for one in closed]
    if not closed:
        return []
    came: dict[int, datetime] = dict(fetch(_CAME, {"account": account.pk, "trades": ids}))
    tagged = _tagged(ids)
    proposals = _proposals(account.workspace_id, {one.recommendation_id for one in closed})
    risks = risks_of(
        account.pk,
        [_opened(one, proposals.get(one.recommendation_id)) for one in closed],
        resized_among(ids),
    )
    return [
        _fact(
            account,
            one,
            _known_at(account, one, came.get(one.id), proposals.get(one.recommendation_id)),
            risks.get(one.id),
            proposals.get(one.recommendation_id),
            tagged.get(one.id, {}),
        )
        for one in closed
    ]


def _known_at(
    account: BrokerAccount, one: Closed, came_at: datetime | None, proposal: Recommendation | None
) -> datetime:
    """What a proposal says that came after the end (its features, its stop) was known to nobody before."""
    told_at = None if proposal is None else proposal.received_at
    heard = [at for at in (came_at, told_at) if at is not None]
    return moment_known(one.closed_at, max(heard, default=None), account.created_at)


def _tagged(trade_ids: Collection[int]) -> dict[int, dict[str, datetime]]:
    """Tags of each trade, and since when it has them."""
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    rows = TradeTag.objects.filter(trade_id__in=trade_ids).order_by("-created_at")
    for trade_id, name, at in rows.values_list("trade_id", "tag__name", "created_at"):
        found[trade_id or 0][name] = at
    return found


def _afterwards(account: BrokerAccount, one: Closed, tagged: Mapping[str, datetime]) -> list[str]:
    """Tags by whoever knew how it ended. What ended before the account was kept here is history."""
    if one.closed_at < account.created_at:
        return []
    return [f"{TAG}{name}" for name, at in sorted(tagged.items()) if at > one.closed_at]


def _proposals(workspace_id: int, record_ids: Collection[str]) -> dict[str, Recommendation]:
    names = set(record_ids) - {""}
    if not names:
        return {}
    rows = Recommendation.objects.filter(
        workspace_id=workspace_id, record_id__in=names, batch__withdrawn_at=None
    )
    return {one.record_id: one for one in rows.defer("raw").order_by("pk")}


def _opened(one: Closed, proposal: Recommendation | None) -> Opened:
    stop = entry = None
    if proposal is not None and proposal.recommended_at <= one.opened_at + AT_ENTRY:
        stop, entry = proposal.stop_price, proposal.entry_price
    return Opened(
        one.id, one.opened_at, one.direction, one.symbol, one.asset_class, one.leg_count,
        one.average_open, one.quantity, one.opened_quantity, one.multiplier, one.is_inverse, one.plan_id, entry, stop,
    )  # fmt: skip


def _fact(
    account: BrokerAccount,
    one: Closed,
    known_at: datetime,
    risk: EntryRisk | None,
    proposal: Recommendation | None,
    tagged: Mapping[str, datetime],
) -> TradeFact:
    stated = _stated(one, proposal)
    units = one.units if one.units is not None else one.quantity
    fact = TradeFact(
        id=one.id,
        workspace_id=account.workspace_id,
        account_id=account.pk,
        currency=account.base_currency,
        opened_at=one.opened_at,
        closed_at=one.closed_at,
        known_at=known_at,
        pnl=one.net_base,
        risk=risk.amount if risk is not None else None,
        risk_basis=risk.basis if risk is not None else "",
        r=float(divide(one.net_pnl, risk.amount)) if risk is not None else None,
        result=outcome(one.net_pnl, one.fees, one.tick * units),
        symbol=(one.underlying or one.symbol)[:64],
        asset_class=one.asset_class,
        direction=one.direction,
        strategy=_strategy(one, proposal),
        structure=one.structure,
        close_reason=one.close_reason,
        source=one.source,
        bot=one.bot,
        version=_version(proposal),
        tags=sorted(tagged),
        plan_id=one.plan_id,
        recommendation_id=one.recommendation_id,
        features=_features(account, one, stated),
        labels=dict(stated.words),
        late=[*stated.late, *_afterwards(account, one, tagged)],
    )
    fact.digest = digest_of(fact)
    return fact


def _stated(one: Closed, proposal: Recommendation | None) -> Stated:
    if proposal is None:
        return Stated({}, {}, ())
    stated = stated_at_entry(proposal.features, one.opened_at)
    beside: Mapping[str, Decimal | None] = {"probability": proposal.probability}
    numbers = {name: float(value) for name, value in beside.items() if value is not None}
    return stated._replace(numbers={**numbers, **stated.numbers})


def _features(account: BrokerAccount, one: Closed, stated: Stated) -> dict[str, float]:
    """What anybody could see at the opening, and what was stated of it. Hours and weekdays are those of the account,
    whatever a scanner calls so."""
    local = one.opened_at.astimezone(ZoneInfo(account.zone))
    clock = {"hour": float(local.hour) + local.minute / 60, "weekday": float(local.weekday())}
    own = {}
    if one.expires_on is not None:
        own["dte"] = float((one.expires_on - local.date()).days)
    return {**own, **stated.numbers, **clock}


def _strategy(one: Closed, proposal: Recommendation | None) -> str:
    proposed = proposal.strategy if proposal is not None else ""
    return (proposed or one.plan_strategy or one.structure_name or "")[:64]


def _version(proposal: Recommendation | None) -> str:
    """Of the parameters that a scanner went by: the one that it names, else its own."""
    if proposal is None:
        return ""
    named = proposal.parameters.get("version")
    if isinstance(named, str | int) and str(named).strip():
        return str(named).strip()[:140]
    return f"{proposal.scanner} {proposal.scanner_version}".strip()


def digest_of(fact: TradeFact) -> str:
    """The same for the same fact, whoever read it and wherever it came from."""
    told = "\x1f".join(_word(getattr(fact, name)) for name in FIELDS)
    return blake2b(told.encode(), digest_size=16).hexdigest()


def _word(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else str(ZERO)
    if isinstance(value, dict):
        return ",".join(f"{name}={value[name]!r}" for name in sorted(value))
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)


def gone_into(account_id: int, trade_ids: Collection[int]) -> set[int]:
    """Facts of what were trades of their own before they became legs of these."""
    rows = fetch(
        "SELECT f.id FROM journal_leg l JOIN learning_tradefact f ON f.id = l.id "
        "WHERE l.trade_id = ANY(%s) AND l.id <> l.trade_id AND f.account_id = %s",
        [list(trade_ids), account_id],
    )
    return {id_ for (id_,) in rows}
