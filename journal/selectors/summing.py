"""How matches and closed trades are summed: by the rollups, and for parts that no rollup keeps apart."""

from __future__ import annotations

MATCH_SUMS = """
    sum(m.gross_pnl) AS gross_pnl, sum(m.net_pnl) AS net_pnl, sum(m.open_fee + m.close_fee) AS fees,
    sum(m.gross_base) AS gross_base, sum(m.net_base) AS net_base,
    sum((m.open_fee + m.close_fee) * m.close_fx_rate) AS fees_base,
    count(*) FILTER (WHERE m.net_base IS NULL AND m.net_pnl IS NOT NULL) AS unknown_base,
    count(*) FILTER (WHERE m.net_pnl IS NULL) AS unknown_basis"""

TRADE_SUMS = """
    count(*) AS trades,
    count(*) FILTER (WHERE result = 'win') AS wins,
    count(*) FILTER (WHERE result = 'loss') AS losses,
    count(*) FILTER (WHERE result = 'flat') AS flats,
    sum(net_pnl) FILTER (WHERE result = 'win') AS win_net,
    sum(net_pnl) FILTER (WHERE result = 'loss') AS loss_net,
    sum(net_base) FILTER (WHERE result = 'win') AS win_net_base,
    sum(net_base) FILTER (WHERE result = 'loss') AS loss_net_base,
    count(*) FILTER (WHERE cost_known AND gross_pnl > 0) AS gross_wins,
    count(*) FILTER (WHERE cost_known AND gross_pnl < 0) AS gross_losses,
    sum(gross_pnl) FILTER (WHERE cost_known AND gross_pnl > 0) AS win_gross,
    sum(gross_pnl) FILTER (WHERE cost_known AND gross_pnl < 0) AS loss_gross,
    sum(gross_base) FILTER (WHERE cost_known AND gross_pnl > 0) AS win_gross_base,
    sum(gross_base) FILTER (WHERE cost_known AND gross_pnl < 0) AS loss_gross_base,
    sum(cost) AS cost, sum(cost_base) AS cost_base"""

MATCH_COLUMNS = (
    "gross_pnl", "net_pnl", "fees", "gross_base", "net_base", "fees_base", "unknown_base",
    "unknown_basis",
)  # fmt: skip
TRADE_COLUMNS = (
    "trades", "wins", "losses", "flats", "win_net", "loss_net", "win_net_base", "loss_net_base",
    "gross_wins", "gross_losses", "win_gross", "loss_gross", "win_gross_base", "loss_gross_base",
    "cost", "cost_base",
)  # fmt: skip
_COUNTS = frozenset(
    {"unknown_base", "unknown_basis", "trades", "wins", "losses", "flats", "gross_wins", "gross_losses"}
)  # fmt: skip


def summed_of_symbols() -> str:
    """Rows like those of the slices, of the trades with one of `%(symbols)s` as symbol or underlying. What it reads
    grows with the trades in them, and not with the book.

    A structure counts by its underlying, all its legs with it.
    """
    names = *MATCH_COLUMNS, *TRADE_COLUMNS
    keys = "workspace_id, account_id, day, currency, source, asset_class, direction"
    return f"""(WITH own AS MATERIALIZED (
        SELECT t.* FROM journal_trade t
        WHERE t.workspace_id = %(workspace)s AND (t.symbol = ANY(%(symbols)s) OR t.underlying = ANY(%(symbols)s))
    ), matched AS (
        SELECT own.workspace_id, own.account_id, m.closed_on AS day, m.currency, own.source, m.asset_class, m.direction,
            {MATCH_SUMS}
        FROM own JOIN journal_leg l ON l.trade_id = own.id JOIN journal_lotmatch m ON m.leg_id = l.id
        GROUP BY 1, 2, 3, 4, 5, 6, 7
    ), closed AS (
        SELECT workspace_id, account_id, closed_on AS day, currency, source, asset_class, direction, {TRADE_SUMS}
        FROM own WHERE closed_on IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
    ) SELECT {keys}, {", ".join(f"coalesce({name}, 0){_type(name)} AS {name}" for name in names)}
    FROM matched FULL JOIN closed USING ({keys}))"""


def _type(name: str) -> str:
    """Counts are integers, as in the rollups: their sums would be numbers with digits otherwise."""
    return "::integer" if name in _COUNTS else ""
