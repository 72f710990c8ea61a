"""The pages of reconciliation and guards."""

from __future__ import annotations

from django.urls import path

from reconciliation.views import board, live, log, rules, snapshots

app_name = "reconciliation"

urlpatterns = [
    path("reconciliation", board.board, name="board"),
    path("reconciliation/divergences/<int:divergence_id>", board.divergence, name="divergence"),
    path("reconciliation/live", live.live, name="live"),
    path("reconciliation/snapshots", snapshots.snapshots, name="snapshots"),
    path("reconciliation/snapshots/<int:snapshot_id>", snapshots.snapshot, name="snapshot"),
    path("reconciliation/log", log.log, name="log"),
    path("reconciliation/rules", rules.rules, name="rules"),
    path("reconciliation/rules/<slug:asset_class>", rules.tolerance, name="tolerance"),
]
