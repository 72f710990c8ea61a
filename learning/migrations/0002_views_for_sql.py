"""Views of what was learnt, for people who ask the database (docs/sql.md).

As those of the journal: every row passes `trading.workspaces`, which asks who is asking.
"""

from __future__ import annotations

from django.db import migrations

_WHO = "w.id AS workspace_id, w.name AS workspace"
_WHOSE = "a.id AS account_id, a.broker_id AS account, a.broker"


def _view(name: str, body: str) -> str:
    return f"CREATE VIEW {name} WITH (security_barrier) AS {body}"


_FACTS = f"""
SELECT f.id AS trade_id, {_WHO}, {_WHOSE}, f.symbol, f.asset_class, f.direction AS side,
    nullif(f.strategy, '') AS strategy, nullif(f.structure, '') AS structure,
    nullif(f.close_reason, '') AS close_reason, f.source, nullif(f.bot, '') AS bot,
    nullif(f.version, '') AS parameter_version, f.tags, f.opened_at, f.closed_at, f.known_at, f.pnl, f.currency,
    f.risk, nullif(f.risk_basis, '') AS risk_basis, f.r,
    CASE f.result WHEN 1 THEN 'win' WHEN -1 THEN 'loss' ELSE 'scratch' END AS result,
    nullif(f.recommendation_id, '') AS signal_id, f.features, f.labels, f.late
FROM learning_tradefact f
JOIN trading.workspaces w ON w.id = f.workspace_id
JOIN journal_brokeraccount a ON a.id = f.account_id
"""

_METRICS = f"""
SELECT m.id, {_WHO}, m.account_id, a.broker_id AS account, m.part, m.key, m.currency, e.key AS metric,
    (e.value ->> 'value')::double precision AS value, (e.value ->> 'n')::int AS n, e.value ->> 'unit' AS unit,
    (e.value -> 'ci' ->> 0)::double precision AS low, (e.value -> 'ci' ->> 1)::double precision AS high,
    e.value ->> 'reason' AS reason, m.last_at AS known_at, m.measured_at, m.data_version
FROM learning_metricstate m
JOIN trading.workspaces w ON w.id = m.workspace_id
LEFT JOIN journal_brokeraccount a ON a.id = m.account_id
CROSS JOIN LATERAL jsonb_each(m.figures) e
"""

_HISTORY = f"""
SELECT p.id, {_WHO}, m.account_id, a.broker_id AS account, m.part, m.key, m.currency, p.n, p.trade_id, p.known_at,
    p.closed_at, e.key AS metric, (e.value #>> '{{}}')::double precision AS value
FROM learning_metricpoint p
JOIN learning_metricstate m ON m.id = p.of_id
JOIN trading.workspaces w ON w.id = m.workspace_id
LEFT JOIN journal_brokeraccount a ON a.id = m.account_id
CROSS JOIN LATERAL jsonb_each(p."values") e
"""

_RUNS = f"""
SELECT r.id, {_WHO}, r.account_id, a.broker_id AS account, r.kind, r.as_of, r.data_version, r.config, r.config_hash,
    r.seed, r.result::jsonb AS result, r.sha256, r.made_at, r.took
FROM learning_learningrun r
JOIN trading.workspaces w ON w.id = r.workspace_id
LEFT JOIN journal_brokeraccount a ON a.id = r.account_id
"""

_CLAIMS = f"""
SELECT c.id AS claim_id, {_WHO}, NULL::bigint AS account_id, NULL::text AS account, c.subject, c.outcome,
    CASE WHEN c.direction > 0 THEN 'better' ELSE 'worse' END AS direction, c.effect, c.state, c.grade, c.raised_at,
    c.n_at_raising, c.since, c.looked_at, c.looks, c.p, c."new" AS new_trades, c.next_look, c.sentence, c.told_at
FROM learning_claim c
JOIN trading.workspaces w ON w.id = c.workspace_id
"""

_CLAIM_HISTORY = f"""
SELECT e.id, {_WHO}, NULL::bigint AS account_id, NULL::text AS account, e.claim_id, c.subject, e.at, e.state, e.looks,
    e."new" AS new_trades, e.p, e.words
FROM learning_claimevent e
JOIN learning_claim c ON c.id = e.claim_id
JOIN trading.workspaces w ON w.id = e.workspace_id
"""

_VERSIONS = f"""
SELECT v.id AS version_id, {_WHO}, NULL::bigint AS account_id, NULL::text AS account, v.number, v.status, v.policy,
    v.cause, v.effective, v.changed, v.as_of, v.run_id, v.made_at, u.email AS made_by, nullif(v.reason, '') AS reason
FROM learning_parameterversion v
JOIN trading.workspaces w ON w.id = v.workspace_id
LEFT JOIN accounts_user u ON u.id = v.made_by_id
"""

_ANSWERS = f"""
SELECT n.id AS answer_id, {_WHO}, NULL::bigint AS account_id, NULL::text AS account, v.number, n.asker,
    nullif(n.name, '') AS name, n.first_at, n.last_at, n.times, n.score
FROM learning_parameteranswer n
JOIN learning_parameterversion v ON v.id = n.version_id
JOIN trading.workspaces w ON w.id = n.workspace_id
"""

_PREDICTIONS = f"""
SELECT p.id AS prediction_id, {_WHO}, r.account_id, a.broker_id AS account, p.record_id AS signal_id, p.opened_at,
    p.told_as_of, p.p AS probability, p.base AS base_rate, p.model_id, m.rung, m.is_deployed, m.as_of AS model_as_of
FROM learning_prediction p
JOIN learning_probabilitymodel m ON m.id = p.model_id
JOIN trading.workspaces w ON w.id = p.workspace_id
LEFT JOIN journal_recommendation r ON r.id = p.recommendation_id
LEFT JOIN journal_brokeraccount a ON a.id = r.account_id
"""

_STANDINGS = f"""
SELECT s.id, {_WHO}, NULL::bigint AS account_id, NULL::text AS account, s.symbol, s.standing,
    CASE s.standing WHEN 'reduced' THEN 0.5 WHEN 'paper_only' THEN 0 ELSE 1 END AS size, s.since, s.as_of,
    s.n, s.evidence
FROM learning_symbolstanding s
JOIN trading.workspaces w ON w.id = s.workspace_id
"""

_STEPS = f"""
SELECT c.id, {_WHO}, NULL::bigint AS account_id, NULL::text AS account, c.symbol, c.before, c.after, c.at, c.n,
    c.evidence, u.email AS made_by, nullif(c.reason, '') AS reason
FROM learning_symbolchange c
JOIN trading.workspaces w ON w.id = c.workspace_id
LEFT JOIN accounts_user u ON u.id = c.made_by_id
"""

# The figures of all that is open in one currency, with those of how many bets it is.
_EXPOSURE = f"""
SELECT x.id, {_WHO}, NULL::bigint AS account_id, NULL::text AS account, x."on", x.taken_at,
    b.value ->> 'currency' AS currency, jsonb_array_length(b.value -> 'positions') AS positions, e.key AS metric,
    (e.value ->> 'value')::double precision AS value, (e.value ->> 'n')::int AS n, e.value ->> 'unit' AS unit,
    (e.value -> 'ci' ->> 0)::double precision AS low, (e.value -> 'ci' ->> 1)::double precision AS high,
    e.value ->> 'reason' AS reason
FROM learning_exposurereading x
JOIN trading.workspaces w ON w.id = x.workspace_id
CROSS JOIN LATERAL jsonb_array_elements(x.result -> 'books') b
CROSS JOIN LATERAL jsonb_each((b.value -> 'figures') || jsonb_strip_nulls(jsonb_build_object(
    'effective_bets', b.value -> 'bets' -> 'effective', 'deviation', b.value -> 'bets' -> 'deviation'))) e
"""

VIEWS = {
    "trading.trade_facts": _FACTS,
    "trading.metrics": _METRICS,
    "trading.metric_history": _HISTORY,
    "trading.learning_runs": _RUNS,
    "trading.claims": _CLAIMS,
    "trading.claim_history": _CLAIM_HISTORY,
    "trading.parameter_versions": _VERSIONS,
    "trading.parameter_answers": _ANSWERS,
    "trading.predictions": _PREDICTIONS,
    "trading.symbol_standings": _STANDINGS,
    "trading.symbol_changes": _STEPS,
    "trading.exposure": _EXPOSURE,
}


class Migration(migrations.Migration):
    dependencies = [
        ("learning", "0001_initial"),
        ("journal", "0002_views_for_sql"),
        ("accounts", "0001_people"),
    ]

    operations = [
        migrations.RunSQL(_view(name, body), f"DROP VIEW IF EXISTS {name}")
        for name, body in VIEWS.items()
    ]
