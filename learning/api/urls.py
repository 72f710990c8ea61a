"""Addresses of the API, all below /api/."""

from __future__ import annotations

from django.urls import path

from learning.api import claims, metrics, parameters, reports, risk

urlpatterns = [
    path("learning/metrics", metrics.MetricList.as_view(), name="api-learning-metrics"),
    path("learning/metrics/history", metrics.MetricHistory.as_view(), name="api-learning-history"),
    path(
        "learning/metrics/dictionary",
        metrics.MetricKinds.as_view(),
        name="api-learning-dictionary",
    ),
    path("learning/metrics/returns", metrics.ReturnHistory.as_view(), name="api-learning-returns"),
    path("learning/probability", risk.Probability.as_view(), name="api-learning-probability"),
    path(
        "learning/probability/ask",
        risk.AskProbability.as_view(),
        name="api-learning-probability-ask",
    ),
    path(
        "learning/probability/predictions",
        risk.PredictionList.as_view(),
        name="api-learning-predictions",
    ),
    path("learning/sizing", risk.Sizing.as_view(), name="api-learning-sizing"),
    path("learning/exits", risk.Exits.as_view(), name="api-learning-exits"),
    path("learning/exposure", risk.Exposure.as_view(), name="api-learning-exposure"),
    path("learning/runs", metrics.RunList.as_view(), name="api-learning-runs"),
    path("learning/runs/<int:pk>", metrics.RunDetail.as_view(), name="api-learning-run"),
    path("learning/claims", claims.ClaimList.as_view(), name="api-learning-claims"),
    path("learning/claims/<int:pk>", claims.ClaimDetail.as_view(), name="api-learning-claim"),
    path("learning/insights", claims.InsightList.as_view(), name="api-learning-insights"),
    path("learning/insights/<int:pk>", claims.InsightDetail.as_view(), name="api-learning-insight"),
    path("learning/trials", claims.Trials.as_view(), name="api-learning-trials"),
    path("learning/reports", reports.ReportList.as_view(), name="api-learning-reports"),
    path("learning/reports/<int:pk>", reports.ReportDetail.as_view(), name="api-learning-report"),
    path("learning/parameters", parameters.Parameters.as_view(), name="api-learning-parameters"),
    path(
        "learning/parameters/versions",
        parameters.VersionList.as_view(),
        name="api-parameter-versions",
    ),
    path(
        "learning/parameters/versions/<int:pk>/approve",
        parameters.Approve.as_view(),
        name="api-parameter-approve",
    ),
    path(
        "learning/parameters/versions/<int:pk>/refuse",
        parameters.Refuse.as_view(),
        name="api-parameter-refuse",
    ),
    path("learning/parameters/revert", parameters.Revert.as_view(), name="api-parameter-revert"),
    path(
        "learning/parameters/answers", parameters.AnswerList.as_view(), name="api-parameter-answers"
    ),
    path("learning/settings", parameters.Settings.as_view(), name="api-learning-settings"),
    path("learning/learn", parameters.LearnNow.as_view(), name="api-learning-learn"),
    path("learning/symbols", parameters.SymbolList.as_view(), name="api-learning-symbols"),
    path(
        "learning/symbol-changes",
        parameters.SymbolChangeList.as_view(),
        name="api-learning-symbol-changes",
    ),
    path(
        "learning/symbols/<path:symbol>",
        parameters.SymbolDetail.as_view(),
        name="api-learning-symbol",
    ),
]
