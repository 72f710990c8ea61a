"""Which positions the broker states, on which days: what an opening is computed from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from common.sql import fetch
from journal.domain.openings import StatedPosition
from journal.domain.values import ZERO, AssetClass, ExecutionKind, StatedOpenLot

# Currency pairs are not in a statement's section of positions.
UNLISTED = (AssetClass.FOREX,)
# Read once and kept as a hash: a join would look up a batch for each row.
_COUNTS = (
    "{0}.batch_id NOT IN (SELECT b.id FROM journal_importbatch b "
    "JOIN journal_brokeraccount a ON a.workspace_id = b.workspace_id "
    "WHERE a.id = %(account)s AND b.withdrawn_at IS NOT NULL)"
)
_STATES = (
    f"p.account_id = %(account)s AND NOT p.is_lot AND p.reported_on IS NOT NULL "
    f"AND {_COUNTS.format('p')}"
)


def list_stated_positions(
    account_id: int, first_days: Mapping[int, date], *, before: bool = False
) -> dict[int, StatedPosition]:
    """The first position that is stated for each instrument on or after its day, or the last one `before` it.

    On a day on which the account's positions are stated, an instrument that is not listed is not held. Where one day's
    reports differ, nothing is known.
    """
    if not first_days or not states_positions(account_id):
        return {}
    anchor = (
        "AND p.reported_on < wanted.day ORDER BY p.reported_on DESC"
        if before
        else "AND p.reported_on >= wanted.day ORDER BY p.reported_on"
    )
    rows = fetch(
        "SELECT wanted.instrument_id, anchor.reported_on, count(p.id), count(DISTINCT p.batch_id), "
        "min(p.signed_quantity), max(p.signed_quantity), count(p.cost), min(p.cost), max(p.cost) "
        "FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS wanted (instrument_id, day) "
        f"CROSS JOIN LATERAL (SELECT p.reported_on FROM journal_positionreport p WHERE {_STATES} "
        f"{anchor} LIMIT 1) anchor "
        "LEFT JOIN journal_positionreport p ON p.instrument_id = wanted.instrument_id "
        f"AND p.reported_on = anchor.reported_on AND {_STATES} "
        "GROUP BY 1, 2",
        {"account": account_id, "ids": list(first_days), "days": list(first_days.values())},
    )
    return {
        instrument_id: StatedPosition(
            on,
            least or ZERO,
            bool(reports),
            # Its sign follows the side in some sources and not in others.
            abs(cheapest) if costs and costs == reports and cheapest == dearest else None,
        )
        for instrument_id, on, reports, batches, least, most, costs, cheapest, dearest in rows
        if least == most and reports == batches
    }


def list_stated_lots(
    account_id: int, days: Mapping[int, date]
) -> dict[int, tuple[StatedOpenLot, ...]]:
    """The open lots that the broker lists on the day that is given for their instrument.

    None of those of a day on which files list others, or on which a lot has no time or no cost.
    """
    rows = fetch(
        "SELECT p.instrument_id, p.batch_id, p.signed_quantity, p.cost, p.opened_at, p.opening_broker_id "
        "FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS wanted (instrument_id, day) "
        "JOIN journal_positionreport p ON p.account_id = %(account)s AND p.is_lot "
        "AND p.instrument_id = wanted.instrument_id AND p.reported_on = wanted.day "
        f"AND {_COUNTS.format('p')}",
        {"account": account_id, "ids": list(days), "days": list(days.values())},
    )
    files: defaultdict[int, defaultdict[int, list[StatedOpenLot | None]]]
    files = defaultdict(lambda: defaultdict(list))
    for instrument_id, batch_id, quantity, cost, opened_at, opening_id in rows:
        is_whole = cost is not None and opened_at is not None
        lot = StatedOpenLot(abs(quantity), abs(cost), opened_at, opening_id) if is_whole else None
        files[instrument_id][batch_id].append(lot)
    return {
        instrument_id: lots
        for instrument_id, by_file in files.items()
        if (lots := _agreed(by_file.values()))
    }


def _agreed(listings: Iterable[list[StatedOpenLot | None]]) -> tuple[StatedOpenLot, ...]:
    found = {
        tuple(sorted(lot for lot in listing if lot is not None)) if all(listing) else ()
        for listing in listings
    }
    return found.pop() if len(found) == 1 else ()


def states_positions(account_id: int) -> bool:
    return bool(
        fetch(
            f"SELECT 1 FROM journal_positionreport p WHERE {_STATES} LIMIT 1",
            {"account": account_id},
        )
    )


def list_reported_days(account_id: int, days: Mapping[int, date]) -> dict[str, date]:
    """Fill key to the broker's own day, of fills about the day that is given for their instrument.

    An evening's fill may belong to the next day. No fill is reported more than a week after it happened.
    """
    if not days:
        return {}
    rows = fetch(
        "SELECT coalesce(j.fill_key, r.fill_key), min(r.reported_on) "
        "FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS wanted (instrument_id, day) "
        "JOIN journal_executionreport r ON r.account_id = %(account)s "
        "AND r.instrument_id = wanted.instrument_id "
        "AND r.executed_at >= wanted.day - 7 AND r.executed_at < wanted.day + 3 "
        "LEFT JOIN journal_joinedfill j ON j.account_id = r.account_id AND j.key = r.fill_key "
        "WHERE r.reported_on IS NOT NULL GROUP BY 1",
        {"account": account_id, "ids": list(days), "days": list(days.values())},
    )
    return dict(rows)


def list_reached_openings(account_id: int, since: Mapping[int, datetime]) -> set[int]:
    """Instruments whose moment lies before the end of the day whose stated position their opening follows from, or
    not after the opening itself.

    Generous on purpose, by a few days: booking from the beginning is only slower.
    """
    if not since or not states_positions(account_id):
        return set()
    rows = fetch(
        "SELECT wanted.instrument_id "
        "FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS wanted (instrument_id, since) "
        "JOIN journal_instrument i ON i.id = wanted.instrument_id "
        "AND i.asset_class <> ALL(%(unlisted)s) "
        "LEFT JOIN LATERAL (SELECT r.executed_at FROM journal_executionreport r "
        "WHERE r.account_id = %(account)s AND r.instrument_id = wanted.instrument_id "
        f"AND {_COUNTS.format('r')} ORDER BY r.executed_at LIMIT 1) first ON true "
        "CROSS JOIN LATERAL (SELECT coalesce("
        f"(SELECT min(p.reported_on) FROM journal_positionreport p WHERE {_STATES} "
        "AND p.reported_on > first.executed_at::date), "
        f"(SELECT max(p.reported_on) FROM journal_positionreport p WHERE {_STATES})) AS day) anchor "
        "WHERE (first.executed_at IS NOT NULL AND wanted.since < anchor.day + 3) "
        "OR wanted.since <= first.executed_at "
        "OR EXISTS (SELECT FROM (SELECT e.kind, e.executed_at FROM journal_execution e "
        "WHERE e.account_id = %(account)s AND e.instrument_id = wanted.instrument_id "
        "ORDER BY e.executed_at LIMIT 1) booked "
        "WHERE booked.kind = %(opening)s AND booked.executed_at >= wanted.since)",
        {
            "account": account_id,
            "ids": list(since),
            "moments": list(since.values()),
            "opening": ExecutionKind.OPENING,
            "unlisted": [str(one) for one in UNLISTED],
        },
    )
    return {row[0] for row in rows}


def list_newly_stated(account_id: int, batch_id: int) -> dict[int, date]:
    """Instruments of which the last position before their first movement, or the first one after it, may be this
    batch's, with the day of their first booked movement.

    Those are first seen between the days on which the account's positions were stated the last time before, and the
    first time after.
    """
    rows = fetch(
        "WITH stated AS (SELECT day, (SELECT max(p.reported_on) FROM journal_positionreport p "
        f"WHERE {_STATES} AND p.reported_on < day) AS before, "
        "(SELECT min(p.reported_on) FROM journal_positionreport p "
        f"WHERE {_STATES} AND p.reported_on > day) AS after FROM ("
        "SELECT DISTINCT reported_on AS day FROM journal_positionreport WHERE batch_id = %(batch)s "
        "AND account_id = %(account)s AND reported_on IS NOT NULL) days), "
        "seen AS (SELECT DISTINCT e.instrument_id FROM stated JOIN journal_execution e "
        "ON e.account_id = %(account)s AND e.trading_day <= coalesce(stated.after + 1, 'infinity') "
        "AND e.trading_day >= coalesce(stated.before - 1, '-infinity')) "
        "SELECT seen.instrument_id, first.trading_day FROM seen "
        "JOIN journal_instrument i ON i.id = seen.instrument_id "
        "AND i.asset_class <> ALL(%(unlisted)s) "
        "CROSS JOIN LATERAL (SELECT e.trading_day FROM journal_execution e "
        "WHERE e.account_id = %(account)s AND e.instrument_id = seen.instrument_id "
        "AND e.kind <> %(opening)s ORDER BY e.executed_at LIMIT 1) first "
        "WHERE EXISTS (SELECT FROM stated "
        "WHERE first.trading_day <= coalesce(stated.after + 1, 'infinity') "
        "AND first.trading_day >= coalesce(stated.before - 1, '-infinity'))",
        {
            "account": account_id,
            "batch": batch_id,
            "opening": ExecutionKind.OPENING,
            "unlisted": [str(one) for one in UNLISTED],
        },
    )
    return dict(rows)


def sum_booked(account_id: int, days: Mapping[int, date]) -> dict[int, Decimal]:
    """Per instrument the signed quantity of the fills that are booked up to the end of its day, opening included.

    Instruments that anything else than fills has moved are left out: whose units follow from more than that.
    """
    rows = fetch(
        "SELECT wanted.instrument_id, sum(CASE e.side WHEN 'buy' THEN e.quantity ELSE -e.quantity END "
        "- CASE WHEN e.fee_currency = i.symbol AND i.asset_class = 'crypto' THEN e.fee + e.tax ELSE 0 END) "
        "FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS wanted (instrument_id, day) "
        "JOIN journal_execution e ON e.account_id = %(account)s "
        "AND e.instrument_id = wanted.instrument_id "
        "JOIN journal_instrument i ON i.id = e.instrument_id "
        "LEFT JOIN journal_executionreport r ON r.id = e.report_id "
        "WHERE coalesce(r.reported_on, e.trading_day) <= wanted.day "
        "AND NOT EXISTS (SELECT FROM journal_execution other WHERE other.account_id = %(account)s "
        "AND other.instrument_id = wanted.instrument_id AND other.report_id IS NULL "
        "AND other.kind <> %(opening)s) "
        "AND NOT EXISTS (SELECT FROM journal_corporateactionreport c "
        "WHERE c.account_id = %(account)s AND c.instrument_id = wanted.instrument_id) "
        "GROUP BY 1",
        {
            "account": account_id,
            "ids": list(days),
            "days": list(days.values()),
            "opening": ExecutionKind.OPENING,
        },
    )
    return dict(rows)


def list_accounts_stated(batch_id: int) -> list[int]:
    """The accounts whose positions or open lots the batch states."""
    rows = fetch(
        "SELECT DISTINCT account_id FROM journal_positionreport WHERE batch_id = %s", [batch_id]
    )
    return [row[0] for row in rows]


def list_opened(account_id: int, instrument_ids: Iterable[int]) -> set[int]:
    """Those of the instruments that are booked with an opening."""
    rows = fetch(
        "SELECT DISTINCT instrument_id FROM journal_execution "
        "WHERE account_id = %s AND instrument_id = ANY(%s) AND kind = %s",
        [account_id, list(instrument_ids), ExecutionKind.OPENING],
    )
    return {row[0] for row in rows}
