"""Views for people who ask the database: docs/sql.md says what they hold and who sees which rows.

They run with the rights of their owner, so whoever may read them needs no right on a table. Every row passes
`trading.workspaces`, which asks who is asking; as security barriers they let no function of the asker see another row.
"""

from __future__ import annotations

from django.db import migrations

_WHO = "w.id AS workspace_id, w.name AS workspace"
_WHOSE = "a.id AS account_id, a.broker_id AS account, a.broker"


def _view(name: str, body: str) -> str:
    return f"CREATE VIEW {name} WITH (security_barrier) AS {body}"


def _schema(name: str) -> str:
    """Where an administrator has made it, no right to make schemas is needed; so it is also left when all is undone."""
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = '{name}') "
        f"THEN CREATE SCHEMA {name}; END IF; END $$"
    )


# Whoever may read the tables sees all of them anyway; everybody else what was granted to exactly this role. The name of
# the table is bound when the view is made, whatever the search path of the asker is.
_WORKSPACES = """
SELECT w.id, w.name FROM accounts_workspace w
WHERE has_table_privilege('journal_trade'::regclass, 'SELECT')
   OR EXISTS (SELECT FROM journal_reportingrole r
              WHERE r.workspace_id = w.id AND r.role_name = current_user::text)
"""

_TRADES = f"""
SELECT t.id AS trade_id, {_WHO}, {_WHOSE},
    t.symbol, t.underlying, t.asset_class, i.expiry_on AS expiration, i.strike AS strike_price,
    nullif(i."right", '') AS option_type, t.direction AS side, t.quantity,
    CASE WHEN t.closed_at IS NULL THEN 'open' ELSE 'closed' END AS status,
    t.opened_at AS entry_time, t.average_open AS entry_price,
    t.closed_at AS exit_time, t.average_close AS exit_price,
    t.currency,
    CASE WHEN t.cost_known THEN t.gross_pnl END AS gross_pnl,
    t.fees,
    CASE WHEN t.cost_known THEN t.net_pnl END AS realized_pnl,
    a.base_currency, t.gross_base, t.fees_base, t.net_base AS realized_pnl_base,
    nullif(t.result, '') AS result, t.source, t.opened_on, t.closed_on, t.execution_count,
    p.plan_id, nullif(c.recommendation_id, '') AS signal_id, nullif(c.close_reason, '') AS close_reason,
    s.kind AS structure
FROM journal_trade t
JOIN trading.workspaces w ON w.id = t.workspace_id
JOIN journal_brokeraccount a ON a.id = t.account_id
LEFT JOIN journal_tradechain c ON c.id = t.id
LEFT JOIN journal_plan p ON p.id = c.plan_id
LEFT JOIN journal_structure s ON s.id = t.id
LEFT JOIN journal_leg l ON l.id = t.id
LEFT JOIN journal_instrument i ON i.id = l.instrument_id
"""

_COMPLETE_TRADES = """
SELECT t.*, t.exit_time - t.entry_time AS holding_time FROM trading.trades t WHERE t.status = 'closed'
"""


def _metrics(key: str = "") -> str:
    """The sums that dashboard and calendar read. A sum of which nothing is known is NULL and not 0."""
    known = "sum(d.unknown_basis) = 0 OR sum(d.net_pnl) <> 0 OR sum(d.gross_pnl) <> 0 OR sum(d.win_net) <> 0 OR sum(d.loss_net) <> 0"
    decided = "(sum(d.wins) + sum(d.losses) + sum(d.flats))"
    of_key = f"d.{key}, " if key else ""
    return f"""
SELECT {_WHO}, {_WHOSE}, d.currency, {of_key}
    sum(d.trades) AS total_trades, sum(d.wins) AS winning_trades, sum(d.losses) AS losing_trades,
    sum(d.flats) AS breakeven_trades, sum(d.trades) - {decided} AS unknown_trades,
    round(sum(d.wins)::numeric / nullif({decided}, 0), 6) AS win_rate,
    CASE WHEN {known} THEN sum(d.gross_pnl) END AS gross_pnl,
    sum(d.fees) AS fees,
    CASE WHEN {known} THEN sum(d.net_pnl) END AS total_pnl,
    sum(d.win_net) AS total_won, sum(d.loss_net) AS total_lost,
    sum(d.win_net) / nullif(sum(d.wins), 0) AS avg_winner,
    sum(d.loss_net) / nullif(sum(d.losses), 0) AS avg_loser,
    sum(d.win_net) / nullif(-sum(d.loss_net), 0) AS profit_factor,
    (sum(d.win_net) + sum(d.loss_net)) / nullif({decided}, 0) AS expectancy,
    sum(d.executions) AS executions, sum(d.fees_paid) AS fees_paid,
    min(d.day) AS first_day, max(d.day) AS last_day
FROM journal_dayrollup d
JOIN trading.workspaces w ON w.id = d.workspace_id
JOIN journal_brokeraccount a ON a.id = d.account_id
GROUP BY w.id, w.name, a.id, a.broker_id, a.broker, d.currency{", d." + key if key else ""}
"""


# The order itself, or what it protects.
_FAMILY = """journal_order x WHERE x.account_id = o.account_id AND (x.id = o.id
        OR (o.parent_id <> '' AND (x.client_order_id = o.parent_id OR x.order_id = o.parent_id)))"""
_TRADE_OF_ORDER = f"""coalesce(
    (SELECT l.trade_id FROM (SELECT x.client_order_id FROM {_FAMILY} AND x.client_order_id <> '') own
     JOIN journal_executionreport r ON r.account_id = o.account_id AND r.order_reference = own.client_order_id
        AND r.order_reference <> ''
     LEFT JOIN journal_joinedfill j ON j.account_id = r.account_id AND j.key = r.fill_key
     JOIN journal_execution e ON e.account_id = r.account_id AND e.fill_key = coalesce(j.fill_key, r.fill_key)
     JOIN journal_leg l ON l.id = coalesce(e.leg_id, e.closed_leg)
     ORDER BY e.executed_at, e.id LIMIT 1),
    (SELECT l.trade_id FROM (SELECT x.order_id, x.instrument_id, x.placed_at FROM {_FAMILY} AND x.order_id <> '') own
     JOIN journal_execution e ON e.account_id = o.account_id AND e.instrument_id = own.instrument_id
        AND e.executed_at >= own.placed_at - interval '2 days' AND e.order_id = own.order_id
     JOIN journal_leg l ON l.id = coalesce(e.leg_id, e.closed_leg)
     ORDER BY e.executed_at, e.id LIMIT 1))"""

_ORDERS = f"""
SELECT o.id, {_WHO}, {_WHOSE}, a.broker AS exchange, i.symbol, i.asset_class,
    nullif(o.order_id, '') AS order_id, nullif(o.client_order_id, '') AS client_order_id,
    nullif(o.parent_id, '') AS parent_id, nullif(o.group_id, '') AS group_id,
    nullif(o.role, '') AS role, nullif(o.order_type, '') AS type, nullif(o.side, '') AS side,
    o.quantity AS size, coalesce(o.limit_price, o.stop_price, o.average_price) AS price,
    o.limit_price, o.stop_price, nullif(o.time_in_force, '') AS time_in_force,
    o.status, o.closed_at IS NULL AS is_open,
    o.filled_quantity AS filled, o.quantity - coalesce(o.filled_quantity, 0) AS remaining,
    o.average_price, o.fee, nullif(o.fee_currency, '') AS fee_currency, nullif(o.reason, '') AS reason,
    nullif(o.position_id, '') AS position_id, nullif(o.plan_id, '') AS plan_id,
    nullif(o.recommendation_id, '') AS signal_id, nullif(o.strategy, '') AS strategy, o.source,
    o.changes, o.placed_at AS created_at, o.last_at AS updated_at, o.closed_at,
    {_TRADE_OF_ORDER} AS trade_id
FROM journal_order o
JOIN trading.workspaces w ON w.id = o.workspace_id
JOIN journal_brokeraccount a ON a.id = o.account_id
LEFT JOIN journal_instrument i ON i.id = o.instrument_id
"""

_ORDER_HISTORY = f"""
SELECT o.id AS order_id, {_WHO}, {_WHOSE}, r.happened_at, r.status, r.quantity AS size, r.limit_price, r.stop_price,
    r.filled_quantity AS filled, r.average_price, nullif(r.reason, '') AS reason, b.reported_by AS source, r.id AS report_id
FROM journal_order o
JOIN trading.workspaces w ON w.id = o.workspace_id
JOIN journal_brokeraccount a ON a.id = o.account_id
JOIN journal_orderreport r ON r.account_id = o.account_id
    AND ((o.client_order_id <> '' AND r.client_order_id = o.client_order_id)
      OR (o.order_id <> '' AND r.order_id = o.order_id))
JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
"""

_EXECUTIONS = f"""
SELECT e.id, {_WHO}, {_WHOSE}, a.broker AS exchange, i.symbol, i.asset_class, e.side, nullif(r.order_type, '') AS order_type,
    e.quantity, CASE WHEN e.kind <> 'opening' THEN e.price END AS price,
    e.quantity AS executed_qty, CASE WHEN e.kind <> 'opening' THEN e.price END AS average_price,
    nullif(e.order_id, '') AS order_id, nullif(r.order_reference, '') AS client_order_id,
    nullif(e.broker_id, '') AS broker_id, 'filled' AS status,
    e.fee + e.tax AS fee, nullif(e.fee_currency, '') AS fee_currency, i.currency, e.net_pnl AS realized_pnl,
    e.executed_at, e.trading_day, e.kind, e.source, l.trade_id,
    (SELECT nullif(o.recommendation_id, '') FROM journal_order o
     WHERE o.account_id = e.account_id AND e.order_id <> '' AND o.order_id = e.order_id LIMIT 1) AS signal_id
FROM journal_execution e
JOIN trading.workspaces w ON w.id = e.workspace_id
JOIN journal_brokeraccount a ON a.id = e.account_id
JOIN journal_instrument i ON i.id = e.instrument_id
LEFT JOIN journal_executionreport r ON r.id = e.report_id
LEFT JOIN journal_leg l ON l.id = coalesce(e.leg_id, e.closed_leg)
"""

_POSITIONS = f"""
SELECT p.trade_id AS id, p.trade_id, {_WHO}, {_WHOSE}, a.broker AS exchange, i.symbol, i.asset_class,
    i.expiry_on AS expiration, i.strike AS strike_price, nullif(i."right", '') AS option_type,
    CASE WHEN p.quantity > 0 THEN 'long' ELSE 'short' END AS side,
    abs(p.quantity) AS quantity, p.quantity AS signed_quantity, 'open' AS status,
    p.weighted / nullif(p.quantity, 0) AS entry_price, mark.mark_price AS current_price, mark.reported_on AS marked_on,
    CASE WHEN i.is_inverse THEN p.quantity * i.multiplier / nullif(p.weighted / nullif(p.quantity, 0), 0)
                                - p.quantity * i.multiplier / nullif(mark.mark_price, 0)
         ELSE p.quantity * i.multiplier * mark.mark_price - p.weighted * i.multiplier END AS unrealized_pnl,
    i.currency, p.opened_at, t.source
FROM (
    SELECT x.workspace_id, x.account_id, x.instrument_id, sum(x.signed_quantity) AS quantity,
        CASE WHEN bool_and(x.cost_known) THEN sum(x.signed_quantity * x.price) END AS weighted,
        min(x.opened_at) AS opened_at, min(l.trade_id) AS trade_id
    FROM journal_openlot x JOIN journal_leg l ON l.id = x.leg_id GROUP BY 1, 2, 3
) p
JOIN trading.workspaces w ON w.id = p.workspace_id
JOIN journal_brokeraccount a ON a.id = p.account_id
JOIN journal_instrument i ON i.id = p.instrument_id
LEFT JOIN journal_trade t ON t.id = p.trade_id
LEFT JOIN LATERAL (
    SELECT m.mark_price, m.reported_on FROM journal_positionreport m
    JOIN journal_importbatch b ON b.id = m.batch_id AND b.withdrawn_at IS NULL
    WHERE m.account_id = p.account_id AND m.instrument_id = p.instrument_id AND NOT m.is_lot
    ORDER BY m.reported_on DESC NULLS LAST, m.id DESC LIMIT 1
) mark ON true
"""

# What time alone decides is so from its moment on, also before it is written down.
_PLANS = f"""
SELECT p.id, p.plan_id, {_WHO}, {_WHOSE}, p.symbol, nullif(p.side, '') AS side, nullif(p.strategy, '') AS strategy,
    nullif(p.timeframe, '') AS timeframe, p.conditions, p.entry_price, p.entry_price_to, p.stop_price, p.target_price,
    p.quantity, nullif(p.notes, '') AS notes, nullif(p.recommendation_id, '') AS signal_id, p.source,
    CASE WHEN p.status IN ('pending', 'triggered') AND p.expires_at <= now() THEN 'expired' ELSE p.status END AS status,
    p.created_at, p.expires_at, p.version,
    p.profit_loss, nullif(p.currency, '') AS currency, p.exit_price, p.close_time,
    nullif(p.close_reason, '') AS close_reason
FROM journal_plan p
JOIN trading.workspaces w ON w.id = p.workspace_id
LEFT JOIN journal_brokeraccount a ON a.id = p.account_id
"""

_RECOMMENDATIONS = f"""
SELECT r.id, r.record_id AS signal_id, {_WHO}, {_WHOSE}, r.symbol, nullif(r.strategy, '') AS strategy,
    nullif(r.side, '') AS side, r.pool, r.quantity, r.entry_price, r.stop_price, r.target_price,
    r.expected_profit, r.expected_loss, r.probability, r.legs, r.features, nullif(r.reason, '') AS reason,
    nullif(r.scanner, '') AS scanner, nullif(r.scanner_version, '') AS scanner_version, r.parameters, r.source,
    r.needs_approval, r.recommended_at, r.expires_at,
    CASE WHEN s.lapses_at <= now() THEN s.lapses_to ELSE coalesce(s.status, 'recommended') END AS status,
    s.decided_at, nullif(s.decided_by, '') AS decided_by, s.trade_id,
    o.source AS outcome_source, o.result AS outcome, nullif(o.currency, '') AS outcome_currency,
    o.result_per_unit AS outcome_per_unit, o.r_multiple AS outcome_r, o.mark_quality
FROM journal_recommendation r
JOIN trading.workspaces w ON w.id = r.workspace_id
JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
LEFT JOIN journal_brokeraccount a ON a.id = r.account_id
LEFT JOIN journal_recommendationstanding s ON s.recommendation_id = r.id
LEFT JOIN LATERAL (
    SELECT x.* FROM journal_recommendationoutcome x
    WHERE x.workspace_id = r.workspace_id AND x.record_id = r.record_id ORDER BY x.id DESC LIMIT 1
) o ON true
"""

_STRUCTURES = f"""
SELECT s.id AS trade_id, {_WHO}, {_WHOSE}, t.symbol, t.underlying, s.kind, s.name, s.units, t.currency,
    s.net_premium, s.max_profit, s.max_profit_since_adjusted, s.max_loss, s.risk, s.break_evens, s.was_rolled,
    t.leg_count, t.opened_at, t.closed_at,
    CASE WHEN t.cost_known THEN t.net_pnl END AS realized_pnl,
    CASE WHEN t.cost_known AND t.closed_at IS NOT NULL THEN t.net_pnl / nullif(s.risk, 0) END AS r_multiple
FROM journal_structure s
JOIN journal_trade t ON t.id = s.id
JOIN trading.workspaces w ON w.id = s.workspace_id
JOIN journal_brokeraccount a ON a.id = s.account_id
"""

VIEWS = {
    "trading.workspaces": _WORKSPACES,
    "trading.trades": _TRADES,
    "trading.complete_trades": _COMPLETE_TRADES,
    "trading.performance_metrics": _metrics(),
    "trading.trade_sources": _metrics("source"),
    "trading.plans": _PLANS,
    "trading.recommendations": _RECOMMENDATIONS,
    "trading.structures": _STRUCTURES,
    "monitoring.orders": _ORDERS,
    "monitoring.order_history": _ORDER_HISTORY,
    "monitoring.trades": _EXECUTIONS,
    "monitoring.positions": _POSITIONS,
}
SCHEMAS = ("trading", "monitoring")


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_raw_without_statistics"), ("accounts", "0001_people")]

    operations = [
        *(
            migrations.RunSQL(_schema(name), migrations.RunSQL.noop)
            for name in SCHEMAS
        ),
        *(
            migrations.RunSQL(_view(name, body), f"DROP VIEW IF EXISTS {name}")
            for name, body in VIEWS.items()
        ),
    ]
