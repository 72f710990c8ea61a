"""The pages of reconciliation and guards."""

from __future__ import annotations

from django.urls import path

from reconciliation.tools.catalogue import register_own
from reconciliation.views import board, guard_forms, guards, live, log, rules, snapshots, steps

app_name = "reconciliation"

register_own()

urlpatterns = [
    path("reconciliation", board.board, name="board"),
    path("reconciliation/divergences/<int:divergence_id>", board.divergence, name="divergence"),
    path("reconciliation/divergences/<int:divergence_id>/step", steps.step, name="divergence-step"),
    path(
        "reconciliation/divergences/<int:divergence_id>/assign",
        steps.assign,
        name="divergence-assign",
    ),
    path("reconciliation/markets", board.markets, name="markets"),
    path("reconciliation/compare", steps.compare, name="compare"),
    path("reconciliation/live", live.live, name="live"),
    path("reconciliation/snapshots", snapshots.snapshots, name="snapshots"),
    path("reconciliation/snapshots/<int:snapshot_id>", snapshots.snapshot, name="snapshot"),
    path("reconciliation/log", log.log, name="log"),
    path("reconciliation/rules", rules.rules, name="rules"),
    path("reconciliation/rules/four-eyes", rules.four_eyes, name="four-eyes"),
    path("guards", guards.guards, name="guards"),
    path("guards/new", guard_forms.gallery, name="guard-gallery"),
    path("guards/new/<slug:kind>", guard_forms.new, name="guard-new"),
    path("guards/<int:guard_id>", guards.guard, name="guard"),
    path("guards/<int:guard_id>/edit", guard_forms.edit, name="guard-edit"),
    path("guards/<int:guard_id>/arm", guards.arm, name="guard-arm"),
    path("guards/<int:guard_id>/disarm", guards.disarm, name="guard-disarm"),
    path("guards/<int:guard_id>/remove", guards.remove, name="guard-remove"),
    path("guards/changes/<int:version_id>", guards.decide, name="guard-decide"),
    path("guards/locks/<int:lock_id>/lift", guards.lift, name="lock-lift"),
    path("reconciliation/rules/<slug:asset_class>", rules.tolerance, name="tolerance"),
]
