"""Which import or pull brought what a difference was missing: just that, and not something else of the same market."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from common.sql import fetch
from journal.domain.identity import POSITION
from journal.models import ImportState
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.comparison import Part
from reconciliation.domain.parts import part_of
from reconciliation.models import Divergence
from reconciliation.selectors.fills import BROKERS_WORD

# One cent: less is nobody's movement.
_CASH_SLACK = Decimal("0.01")


class Brought(NamedTuple):
    """What came: `import` or `pull` (one that said that nothing happened), and its id."""

    what: str
    id: int


# `until`: of what moment the broker's figures were that were seen last; what happened later was missing in nothing.
_ASKED = """
WITH asked AS (
    SELECT d.*, coalesce((
        SELECT s.as_of FROM reconciliation_snapshot s
        WHERE s.account_id = d.account_id AND s.as_of <= d.seen_at ORDER BY s.as_of DESC LIMIT 1
    ), d.seen_at) AS until
    FROM unnest(%(ids)s::bigint[], %(accounts)s::bigint[], %(markets)s::bigint[], %(abouts)s::text[],
                %(tickets)s::text[], %(since)s::timestamptz[], %(seen)s::timestamptz[])
         AS d (id, account_id, market, about, ticket, since, seen_at)
), late AS MATERIALIZED (
    SELECT asked.*, b.id AS batch_id
    FROM asked JOIN journal_brokeraccount a ON a.id = asked.account_id
    JOIN journal_importbatch b ON b.workspace_id = a.workspace_id AND b.withdrawn_at IS NULL AND b.state = %(done)s
      AND b.reported_by = ANY(%(words)s) AND coalesce(b.finished_at, b.created_at) > asked.since
)
"""
# By how much fills of the market came to be booked otherwise than before, and by which import. A fill that was there
# already, by whomever it was reported, moved nothing.
_FILLS_MOVED = (
    _ASKED
    + """, spoken AS (
    SELECT late.id, late.account_id, late.since, coalesce(j.fill_key, r.fill_key) AS fill_key,
           max(late.batch_id) AS batch_id
    FROM late JOIN journal_executionreport r ON r.batch_id = late.batch_id AND r.account_id = late.account_id
      AND r.instrument_id = late.market AND r.executed_at <= late.until
      AND (late.ticket = '' OR r.trade_id = %(position)s || late.ticket)
    LEFT JOIN journal_joinedfill j ON j.account_id = r.account_id AND j.key = r.fill_key
    GROUP BY 1, 2, 3, 4
)
SELECT spoken.id, spoken.batch_id,
    coalesce(CASE e.side WHEN 'buy' THEN e.quantity ELSE -e.quantity END, 0) - coalesce(before.moved, 0)
FROM spoken
LEFT JOIN journal_execution e ON e.account_id = spoken.account_id AND e.fill_key = spoken.fill_key
LEFT JOIN LATERAL (
    SELECT CASE WHEN r.report = 'cancel' THEN 0 WHEN r.side = 'buy' THEN r.quantity ELSE -r.quantity END AS moved
    FROM journal_executionreport r
    JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
      AND coalesce(b.finished_at, b.created_at) <= spoken.since
    WHERE r.account_id = spoken.account_id AND r.fill_key IN (
        SELECT spoken.fill_key UNION ALL
        SELECT j.key FROM journal_joinedfill j
        WHERE j.account_id = spoken.account_id AND j.fill_key = spoken.fill_key
    )
    ORDER BY r.report = 'cancel' DESC, r.authority DESC, coalesce(r.stated_at, b.received_at) DESC, r.id DESC LIMIT 1
) before ON true
"""
)
# Nobody has said it before.
_FIRST = """NOT EXISTS (
    SELECT FROM journal_{table} o JOIN journal_importbatch ob ON ob.id = o.batch_id AND ob.withdrawn_at IS NULL
    WHERE o.account_id = r.account_id AND o.event_key = r.event_key AND o.id < r.id)"""
# Splits, exercises, transfers: the book follows from them by itself, by no sum of fills.
_EVENTS = (
    f"{_ASKED} SELECT id, max(batch_id) FROM ("
    + " UNION ALL ".join(
        f"SELECT late.id, late.batch_id FROM late JOIN journal_{table} r ON r.batch_id = late.batch_id "
        f"AND r.account_id = late.account_id AND r.instrument_id = late.market AND {_FIRST.format(table=table)}"
        for table in ("corporateactionreport", "optioneventreport", "transferreport")
    )
    + ") AS told GROUP BY 1"
)
# `about` is an id of the fill, or the number of an order.
_OF_FILL = (
    _ASKED
    + """SELECT late.id, max(late.batch_id)
FROM late JOIN journal_executionreport r ON r.batch_id = late.batch_id AND r.account_id = late.account_id
  AND r.instrument_id = late.market
LEFT JOIN journal_joinedfill j ON j.account_id = r.account_id AND j.key = r.fill_key
WHERE EXISTS (
    SELECT FROM journal_executionreport o
    WHERE o.account_id = r.account_id AND (o.id = r.id OR o.fill_key = coalesce(j.fill_key, r.fill_key))
      AND (late.about IN ('b:' || o.broker_id, 'x:' || o.exec_id, 'k:' || o.fill_key) OR late.about = ANY(
          SELECT kind || original FROM unnest(o.original_ids) AS original, unnest(ARRAY['b:', 'x:']) AS kind))
)
GROUP BY 1"""
)
_OF_ORDER = (
    _ASKED
    + """SELECT id, max(batch_id) FROM (
    SELECT late.id, late.batch_id FROM late JOIN journal_orderreport r ON r.batch_id = late.batch_id
      AND r.account_id = late.account_id AND late.about IN (r.order_id, r.client_order_id)
    UNION ALL
    SELECT late.id, late.batch_id FROM late JOIN journal_executionreport r ON r.batch_id = late.batch_id
      AND r.account_id = late.account_id AND late.about IN (r.order_id, r.order_reference)
) AS told GROUP BY 1"""
)
_CASH_MOVED = (
    _ASKED
    + f"""SELECT late.id, late.batch_id, sum(r.amount)
FROM late JOIN journal_cashreport r ON r.batch_id = late.batch_id AND r.account_id = late.account_id
  AND r.currency = late.about AND r.occurred_at <= late.until AND {_FIRST.format(table="cashreport")}
GROUP BY 1, 2"""
)
# A balance that is stated anew is what the book counts from; it explains nothing where the broker now has what the book
# had before.
_BALANCES = (
    _ASKED
    + f"""SELECT late.id, max(late.batch_id), (
    SELECT (s.cash ->> late.about)::numeric FROM reconciliation_snapshot s
    WHERE s.account_id = late.account_id AND s.cash IS NOT NULL ORDER BY s.as_of DESC LIMIT 1)
FROM late JOIN journal_cashbalancereport r ON r.batch_id = late.batch_id AND r.account_id = late.account_id
  AND r.currency = late.about AND NOT r.is_base AND {_FIRST.format(table="cashbalancereport")}
GROUP BY 1, late.account_id, late.about"""
)
# `about` is a day.
_REALIZED = (
    _ASKED
    + """SELECT late.id, max(late.batch_id)
FROM late JOIN journal_execution e ON e.account_id = late.account_id AND e.trading_day = late.about::date
WHERE EXISTS (SELECT FROM journal_closedlotreport r WHERE r.batch_id = late.batch_id AND r.account_id = e.account_id
              AND r.instrument_id = e.instrument_id AND r.closing_broker_id = e.broker_id)
   OR EXISTS (SELECT FROM journal_executionreport r WHERE r.batch_id = late.batch_id AND r.account_id = e.account_id
              AND r.fill_key = e.fill_key AND r.id = e.report_id)
GROUP BY 1"""
)
# Of a hole: what was pulled of that time since it was first seen, or read again.
_HOLES = """
SELECT d.id, max(coalesce(again.id, batch.id)), max(pull.id)
FROM unnest(%(ids)s::bigint[], %(accounts)s::bigint[], %(begins)s::timestamptz[], %(ends)s::timestamptz[],
            %(since)s::timestamptz[]) AS d (id, account_id, begins, ends, since)
JOIN journal_brokeraccount a ON a.id = d.account_id
JOIN journal_pulldocument document ON document.workspace_id = a.workspace_id
  AND document.account_number IN ('', a.broker_id)
  AND tstzrange(document.since, document.until) && tstzrange(d.begins, d.ends)
JOIN journal_pull pull ON pull.id = document.pull_id
LEFT JOIN journal_importbatch batch ON batch.id = document.batch_id
LEFT JOIN journal_importbatch again ON again.file_id = batch.file_id AND again.state = %(done)s
  AND again.withdrawn_at IS NULL AND coalesce(again.finished_at, again.created_at) > d.since
WHERE again.id IS NOT NULL OR (batch.id IS NULL AND document.created_at > d.since)
GROUP BY 1
"""


def imports_that_cleared(divergences: Iterable[Divergence]) -> dict[int, Brought]:
    """By divergence the newest import of a statement or a pull that brought what it was about. What went away for
    another reason is not in it. At most five statements for each part of a comparison."""
    by_part: dict[Part, list[Divergence]] = defaultdict(list)
    holes = []
    for one in divergences:
        part = part_of(one.key)
        if part is not None:
            by_part[part].append(one)
        elif one.kind == Kind.GAP and one.actual.get("since"):
            holes.append(one)
    found = {id_: Brought("import", batch) for id_, batch in _batches(by_part).items()}
    return found | (_closed(holes) if holes else {})


def _batches(by_part: dict[Part, list[Divergence]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part, rows in by_part.items():
        if part is Part.CASH:
            found |= _of_cash(rows)
        elif part is Part.REALIZED:
            found |= dict(fetch(_REALIZED, _values(rows)))
        elif part is Part.ORDERS:
            found |= dict(fetch(_OF_ORDER, _values(rows)))
        elif some := [one for one in rows if one.instrument_id is not None]:
            found |= (
                _of_positions(some)
                if part is Part.POSITIONS
                else dict(fetch(_OF_FILL, _values(some)))
            )
    return found


def _of_positions(rows: Sequence[Divergence]) -> dict[int, int]:
    """An import may bring a part of what is missing: then what is left counts from when it was last seen."""
    found: dict[int, int] = dict(fetch(_EVENTS, _values(rows)))
    gaps = {
        one.pk: _number(one.actual, "quantity") - _number(one.expected, "quantity") for one in rows
    }
    return found | _summing_up(_FILLS_MOVED, rows, gaps, Decimal(0))


def _of_cash(rows: Sequence[Divergence]) -> dict[int, int]:
    had = {one.pk: _number(one.expected, "cash") for one in rows}
    found = {
        id_: batch
        for id_, batch, now in fetch(_BALANCES, _values(rows))
        if abs((now or Decimal(0)) - had[id_]) > _CASH_SLACK
    }
    gaps = {one.pk: _number(one.actual, "unexplained") for one in rows}
    return found | _summing_up(_CASH_MOVED, rows, gaps, _CASH_SLACK)


def _summing_up(
    statement: str, rows: Sequence[Divergence], gaps: dict[int, Decimal], slack: Decimal
) -> dict[int, int]:
    """By divergence the newest import of those that together moved just what was missing, since it was first or since
    it was last seen."""
    found: dict[int, int] = {}
    for since in ("first_seen_at", "last_seen_at"):
        moved: dict[int, Decimal] = defaultdict(Decimal)
        newest: dict[int, int] = defaultdict(int)
        for id_, batch, amount in fetch(statement, _values(rows, since)):
            if amount:
                moved[id_] += amount
                newest[id_] = max(newest[id_], batch)
        found |= {
            id_: newest[id_] for id_ in moved if gaps[id_] and abs(moved[id_] - gaps[id_]) <= slack
        }
    return found


def _closed(holes: Sequence[Divergence]) -> dict[int, Brought]:
    values = {
        "ids": [one.pk for one in holes],
        "accounts": [one.account_id for one in holes],
        "begins": [one.actual["since"] for one in holes],
        "ends": [one.actual.get("until") for one in holes],
        "since": [one.first_seen_at for one in holes],
        "done": ImportState.DONE.value,
    }
    return {
        id_: Brought("import", batch) if batch else Brought("pull", pull)
        for id_, batch, pull in fetch(_HOLES, values)
    }


def _values(rows: Sequence[Divergence], since: str = "first_seen_at") -> dict[str, Any]:
    return {
        "ids": [one.pk for one in rows],
        "accounts": [one.account_id for one in rows],
        "markets": [one.instrument_id for one in rows],
        "abouts": [_about(one) for one in rows],
        "tickets": [one.actual.get("ticket") or one.expected.get("ticket") or "" for one in rows],
        "since": [getattr(one, since) for one in rows],
        "seen": [one.last_seen_at for one in rows],
        "done": ImportState.DONE.value,
        "words": sorted(BROKERS_WORD),
        "position": POSITION,
    }


def _about(one: Divergence) -> str:
    """The fill, order, currency or day of it."""
    said = one.key.partition(":")[2]
    return said.partition(":")[0] if part_of(one.key) is Part.REALIZED else said


def _number(side: dict[str, str], name: str) -> Decimal:
    try:
        return Decimal(side.get(name) or "0")
    except InvalidOperation:
        return Decimal(0)
