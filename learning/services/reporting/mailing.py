"""A report as a letter: complete as text, the same with drawings for who shows HTML; and who gets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from journal.models import Alert, AlertChannel, AlertTopic, ChannelKind
from journal.services.alerts.delivery import Letter, Message
from journal.services.alerts.words import PREFIX, base_url, plain
from learning.models import Report, ReportPicture
from learning.selectors.report_channels import channels_for_reports, email_channels
from learning.selectors.reports import told_by
from learning.services.reporting.subscribing import unsubscribe_token

HTML_MAX = 90_000
"""Bytes: Gmail cuts off what is longer than about 102 kB."""
PICTURES_MAX = 4
_SUBJECT_MAX = 160


@transaction.atomic
def tell(report: Report) -> int:
    """To everybody who wants reports, once. Returns to how many channels."""
    own = Report.objects.select_for_update().filter(pk=report.pk, sent_at=None)
    if not own.update(sent_at=timezone.now()):
        return 0
    channels = list(channels_for_reports(report.workspace_id))
    return _write_alerts(report, channels)


@transaction.atomic
def mail_to(report: Report, user_id: int) -> int:
    """By e-mail to one person who asked for it, again if need be, whether or not they want all reports."""
    own = email_channels(report.workspace_id, user_id).filter(paused_at=None)
    wanted = channels_for_reports(report.workspace_id).filter(pk__in=own)
    return _write_alerts(report, list(wanted) or list(own[:1]))


def _write_alerts(report: Report, channels: list[AlertChannel]) -> int:
    if channels:
        keep_pictures(report)
    now = timezone.now()
    Alert.objects.bulk_create(
        Alert(
            workspace_id=report.workspace_id,
            channel=channel,
            topic=AlertTopic.REPORTS,
            about=[report.pk],
            next_at=now,
        )
        for channel in channels
    )
    return len(channels)


def keep_pictures(report: Report) -> None:
    """Drawn here, by a worker, so that whoever delivers only reads."""
    if report.pictures.exists():
        return
    from learning.services.reporting.drawing import draw_all  # noqa: PLC0415 - brings matplotlib

    drawn = draw_all(told_by(report)["document"])[:PICTURES_MAX]
    ReportPicture.objects.bulk_create(
        ReportPicture(
            workspace_id=report.workspace_id, report=report, name=one.name, says=one.says[:255], png=one.as_png()
        )
        for one in drawn
    )  # fmt: skip


def compose(alert: Alert) -> Message | None:
    """None where the report is gone."""
    report = (
        Report.objects.select_related("run", "workspace")
        .filter(pk__in=alert.about, workspace_id=alert.workspace_id)
        .first()
    )
    if report is None:
        return None
    document = told_by(report)["document"]
    address = base_url() + reverse("learning:report", args=[report.pk])
    subject = f"{PREFIX}{plain(document['headline'])}"[:_SUBJECT_MAX]
    focus = next((one for one in document["sections"] if one["key"] == "focus"), None)
    lines = [document["headline"], *(focus["sentences"] if focus else ()), address]
    letter = None
    if alert.channel.kind == ChannelKind.EMAIL:
        letter = letter_of(report, document, alert.channel)
    return Message(subject, "\n".join(lines), letter)


def letter_of(report: Report, document: Mapping[str, Any], channel: AlertChannel) -> Letter:
    from learning.domain.report.document import Document  # noqa: PLC0415 - brings numpy
    from learning.domain.report.text import as_text  # noqa: PLC0415 - as above

    home = base_url()
    leave = home + reverse("learning:reports-unsubscribe", args=[unsubscribe_token(channel)])
    page = home + reverse("learning:report", args=[report.pk])
    pictures = {one.name: one for one in report.pictures.all()}
    text = as_text(Document.from_json(document), address=home)
    html = _fitting(document, {"pictures": pictures, "home": home, "page": page, "leave": leave})
    headers = {
        "List-Unsubscribe": f"<{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    tail = f"\nOn a page: {page}\nNo more reports by mail: {leave}\n"
    return Letter(
        text + tail, html, [(one.name, bytes(one.png)) for one in pictures.values()], headers
    )


def _fitting(document: Mapping[str, Any], more: Mapping[str, Any]) -> str:
    """As much of it as may be shown in so many bytes: all is on the page and in the text."""
    html = ""
    for tables, sentences, letters in (
        (None, None, None),
        (1, None, None),
        (0, None, None),
        (0, 3, 300),
    ):
        shown = _less_of(document, tables, sentences, letters)
        html = render_to_string("learning/report_mail.html", {"document": shown, **more})
        if len(html.encode()) <= HTML_MAX:
            break
    return html


def _less_of(
    document: Mapping[str, Any], tables: int | None, sentences: int | None, letters: int | None
) -> dict[str, Any]:
    """So many tables and sentences of each section, and letters of each sentence; None: all of them."""
    sections = [
        {
            **one,
            "tables": one["tables"][:tables],
            "sentences": [text[:letters] for text in one["sentences"][:sentences]],
        }
        for one in document["sections"]
    ]
    return {**document, "sections": sections}
