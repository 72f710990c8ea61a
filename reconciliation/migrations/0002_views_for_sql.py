"""Views of differences, worth over time, the log and guards, for people who ask the database (docs/sql.md).

As those of the journal: every row passes `trading.workspaces`, which asks who is asking.
"""

from __future__ import annotations

from django.db import migrations

_WHO = "w.id AS workspace_id, w.name AS workspace"
_WHOSE = "a.id AS account_id, a.broker_id AS account, a.broker"


def _view(name: str, body: str) -> str:
    return f"CREATE VIEW {name} WITH (security_barrier) AS {body}"


# What was not seen often enough to be told of is nobody's business yet.
_DIVERGENCES = f"""
SELECT d.id, {_WHO}, {_WHOSE}, d.kind AS class, d.severity, d.state,
    d.state IN ('resolved', 'accepted', 'void', 'self_cleared') AS is_over,
    nullif(d.symbol, '') AS symbol, d.expected AS book, d.actual AS broker_says, d.proposal ->> 'words' AS proposed,
    nullif(d.resolution, '') AS resolution, d.first_seen_at, d.last_seen_at, d.opened_at, d.over_at,
    coalesce(d.over_at, now()) - d.first_seen_at AS age, u.email AS assignee
FROM reconciliation_divergence d
JOIN trading.workspaces w ON w.id = d.workspace_id
JOIN journal_brokeraccount a ON a.id = d.account_id
LEFT JOIN accounts_user u ON u.id = d.assignee_id
WHERE d.state <> 'seen'
"""

_POSITION_SNAPSHOTS = f"""
SELECT p.id, {_WHO}, {_WHOSE}, p.created_at, p.synced_at, p.currency, p.equity, p.balance, p.peak_equity,
    p.drawdown_percent, p.equity_gbp, p.balance_gbp, p.peak_equity_gbp, p.position_count, p.total_volume, p.open_pnl,
    p.margin_used_percent, nullif(p.error, '') AS error, p.snapshot_id
FROM reconciliation_positionsnapshot p
JOIN trading.workspaces w ON w.id = p.workspace_id
JOIN journal_brokeraccount a ON a.id = p.account_id
"""

_LOG = f"""
SELECT l.id, {_WHO}, {_WHOSE}, l.created_at, l.event, l.status, l."user" AS user_id,
    nullif(l.recommendation, '') AS signal_id, l.decision AS decision_id, l.run AS run_id, l.intent AS intent_id,
    nullif(l.broker_position_id, '') AS broker_position_id, nullif(l.symbol, '') AS symbol,
    nullif(l.direction, '') AS side, l.volume, l.entry_price, l.current_price, l.exit_price, l.target_price,
    l.stop_price, l.is_matched, nullif(l.divergence_reason, '') AS divergence_reason, l.slippage,
    nullif(l.close_reason, '') AS close_reason, l.pnl, nullif(l.message, '') AS message
FROM reconciliation_reconciliationlog l
JOIN trading.workspaces w ON w.id = l.workspace_id
JOIN journal_brokeraccount a ON a.id = l.account_id
"""

# A guard of all accounts together has no account of its own.
_GUARDS = f"""
SELECT g.id, {_WHO}, {_WHOSE}, g.name, g.kind, nullif(g.preset, '') AS preset, g.state,
    g.preset LIKE 'floor\\_%' AS is_of_installation, g.armed_at, v.number AS version, v."values" AS settings,
    s.at AS read_at, s.value, s.reference, s.floor, s.used, nullif(s.doubt, '') AS doubt,
    f.fired_at AS last_fired_at, f.outcome AS last_outcome
FROM reconciliation_guard g
JOIN trading.workspaces w ON w.id = g.workspace_id
LEFT JOIN journal_brokeraccount a ON a.id = g.account_id
LEFT JOIN reconciliation_guardversion v ON v.id = g.version_id
LEFT JOIN LATERAL (
    SELECT x.* FROM reconciliation_guardsample x WHERE x.guard_id = g.id ORDER BY x.at DESC, x.id DESC LIMIT 1
) s ON true
LEFT JOIN LATERAL (
    SELECT x.fired_at, x.outcome FROM reconciliation_guardfiring x WHERE x.guard_id = g.id
    ORDER BY x.fired_at DESC, x.id DESC LIMIT 1
) f ON true
WHERE g.removed_at IS NULL
"""

VIEWS = {
    "trading.divergences": _DIVERGENCES,
    "trading.position_snapshots": _POSITION_SNAPSHOTS,
    "trading.reconciliation_log": _LOG,
    "trading.guards": _GUARDS,
}


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0001_initial"),
        ("journal", "0002_views_for_sql"),
        ("accounts", "0001_people"),
    ]

    operations = [
        migrations.RunSQL(_view(name, body), f"DROP VIEW IF EXISTS {name}")
        for name, body in VIEWS.items()
    ]
