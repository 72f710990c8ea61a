"""The pages of the learner."""

from __future__ import annotations

from django.urls import path

from learning.tools.catalogue import register_own
from learning.views import (
    behaviour,
    claims,
    exposure,
    metrics,
    overview,
    parameters,
    reports,
    risk,
    symbols,
    works,
)

app_name = "learning"

register_own()

urlpatterns = [
    path("learning", overview.overview, name="overview"),
    path("learning/metrics", metrics.metrics, name="metrics"),
    path("learning/metrics/dictionary", metrics.dictionary, name="dictionary"),
    path("learning/model", risk.model, name="model"),
    path("learning/exits", risk.exits, name="exits"),
    path("learning/sizing", risk.sizing, name="sizing"),
    path("learning/exposure", exposure.exposure, name="exposure"),
    path("learning/exposure/count", exposure.count_again, name="exposure-count"),
    path("learning/metrics/<slug:part>", metrics.part, name="metrics-part"),
    path("learning/reports", reports.reports, name="reports"),
    path("learning/reports/make", reports.make, name="report-make"),
    path("learning/reports/mail", reports.mail, name="reports-mail"),
    path(
        "learning/reports/unsubscribe/<str:token>",
        reports.leave,
        name="reports-unsubscribe",
    ),
    path("learning/reports/<int:period_report_id>", reports.report, name="report"),
    path("learning/reports/<int:period_report_id>/mail", reports.mail_one, name="report-mail"),
    path("learning/reports/<int:period_report_id>.pdf", reports.as_pdf, name="report-pdf"),
    path("learning/reports/<int:period_report_id>.json", reports.as_json, name="report-json"),
    path("learning/reports/<int:period_report_id>.csv", reports.as_csv, name="report-csv"),
    path("learning/what-works", works.what_works, name="what-works"),
    path("learning/claims", claims.claims, name="claims"),
    path("learning/claims/<int:claim_id>", claims.claim, name="claim"),
    path("learning/behaviour", behaviour.behaviour, name="behaviour"),
    path("learning/execution", behaviour.execution, name="execution"),
    path("learning/parameters", parameters.parameters, name="parameters"),
    path("learning/parameters/choose", parameters.choose, name="parameters-choose"),
    path("learning/parameters/learn", parameters.learn_now, name="learn-now"),
    path("learning/parameters/revert", parameters.revert, name="parameters-revert"),
    path(
        "learning/parameters/proposals/<int:version_id>",
        parameters.decide,
        name="parameters-decide",
    ),
    path("learning/symbols", symbols.symbols, name="symbols"),
    path("learning/symbols/<path:name>", symbols.symbol, name="symbol"),
]
