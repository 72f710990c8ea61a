"""Addresses of the API, all below /api/."""

from __future__ import annotations

from django.urls import path

from reconciliation.api import divergences, guards, locks, reading, syncing

_ONE = "reconciliation/divergences/<int:pk>"

urlpatterns = [
    path("trading-lock", locks.TradingLockView.as_view(), name="api-trading-lock"),
    path("reconciliation/status", reading.StatusList.as_view(), name="api-reconciliation-status"),
    path("reconciliation/sync", syncing.Sync.as_view(), name="api-reconciliation-sync"),
    path("reconciliation/runs", reading.RunList.as_view(), name="api-reconciliation-runs"),
    path(
        "reconciliation/runs/<int:pk>", reading.RunDetail.as_view(), name="api-reconciliation-run"
    ),
    path("reconciliation/snapshots", reading.SnapshotList.as_view(), name="api-snapshots"),
    path(
        "reconciliation/snapshots/<int:pk>", reading.SnapshotDetail.as_view(), name="api-snapshot"
    ),
    path(
        "reconciliation/position-snapshots",
        reading.PositionSnapshotList.as_view(),
        name="api-position-snapshots",
    ),
    path("reconciliation/log", reading.LogList.as_view(), name="api-reconciliation-log"),
    path(
        "reconciliation/drawdown-alerts",
        reading.DrawdownAlertList.as_view(),
        name="api-drawdown-alerts",
    ),
    path(
        "reconciliation/divergences", divergences.DivergenceList.as_view(), name="api-divergences"
    ),
    path(_ONE, divergences.DivergenceDetail.as_view(), name="api-divergence"),
    path(f"{_ONE}/investigate", divergences.Investigate.as_view(), name="api-investigate"),
    path(f"{_ONE}/assign", divergences.Assign.as_view(), name="api-assign"),
    path(f"{_ONE}/propose", divergences.Propose.as_view(), name="api-propose"),
    path(f"{_ONE}/approve", divergences.Approve.as_view(), name="api-approve"),
    path(f"{_ONE}/withdraw", divergences.Withdraw.as_view(), name="api-withdraw"),
    path(f"{_ONE}/accept", divergences.Accept.as_view(), name="api-accept"),
    path(f"{_ONE}/void", divergences.Void.as_view(), name="api-void"),
    path("guards", guards.GuardList.as_view(), name="api-guards"),
    path("guards/presets", guards.PresetList.as_view(), name="api-guard-presets"),
    path("guards/<int:pk>", guards.GuardDetail.as_view(), name="api-guard"),
    path("guards/<int:pk>/samples", guards.SampleList.as_view(), name="api-guard-samples"),
    path("guards/<int:pk>/firings", guards.FiringList.as_view(), name="api-guard-firings"),
    path("guards/<int:pk>/changes", guards.ChangeList.as_view(), name="api-guard-changes"),
    path("guards/<int:pk>/arm", guards.Arm.as_view(), name="api-guard-arm"),
    path("guards/<int:pk>/disarm", guards.Disarm.as_view(), name="api-guard-disarm"),
    path("guards/<int:pk>/simulate", guards.Simulate.as_view(), name="api-guard-simulate"),
    path(
        "guards/changes/<int:pk>/approve",
        guards.ApproveChange.as_view(),
        name="api-guard-change-approve",
    ),
    path(
        "guards/changes/<int:pk>/refuse",
        guards.RefuseChange.as_view(),
        name="api-guard-change-refuse",
    ),
    path(
        "guards/changes/<int:pk>/withdraw",
        guards.WithdrawChange.as_view(),
        name="api-guard-change-withdraw",
    ),
]
