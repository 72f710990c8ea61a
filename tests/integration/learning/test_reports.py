"""Reports from the database: of what was known then, the same again, kept once, told to whoever wants them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db.models import F
from django_scopes import scope

from journal.models import Alert, AlertChannel, AlertTopic, BrokerAccount
from journal.services.alerts import delivery
from learning import tasks
from learning.domain.report.building import differences
from learning.models import LearningRun, LearningSettings, Report, ReportKind, RunKind, TradeFact
from learning.selectors.reports import told_by
from learning.services import learner, timing
from learning.services.reporting import csv_rows, mailing, subscribing
from learning.services.reporting.period import period_of
from learning.services.running import read
from tests.integration.learning.closes import report as book
from tests.integration.learning.closes import round_trip

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 6, 15, 6, tzinfo=LONDON)  # the trades of `closes` begin on 1 June


@pytest.fixture
def traded(owner, workspace):
    """Two weeks of trades, one a day, in a workspace that was there before and lives in London."""
    type(workspace).objects.filter(pk=workspace.pk).update(
        created_at=datetime(2026, 5, 1, tzinfo=UTC)
    )
    LearningSettings.objects.create(workspace=workspace, zone="Europe/London")
    trips = [round_trip(number, end="101" if number % 3 else "98.5") for number in range(14)]
    book(owner, *[record for trip in trips for record in trip])
    # Each had a stop that would have lost 20.
    TradeFact.objects.update(risk=20, r=F("pnl") / 20.0)
    return workspace


def made(workspace, as_of=MONDAY, kind=RunKind.WEEKLY) -> Report:
    (run,) = learner.learn(workspace.pk, as_of=as_of, kinds=[kind])
    return Report.objects.get(run=run)


class TestPeriod:
    @pytest.mark.parametrize(
        ("as_of", "since", "until", "scheduled"),
        [
            (MONDAY, "2026-06-08", "2026-06-14", True),
            (MONDAY + timedelta(hours=2), "2026-06-09", "2026-06-15", False),
            (MONDAY + timedelta(days=3), "2026-06-12", "2026-06-18", False),
        ],
    )
    def test_a_week(self, as_of, since, until, scheduled):
        period = period_of(ReportKind.WEEKLY, as_of.astimezone(UTC), LONDON)
        assert (period.since.isoformat(), period.until.isoformat()) == (since, until)
        assert period.is_scheduled is scheduled

    def test_a_month(self):
        first = datetime(2026, 3, 1, 6, tzinfo=LONDON)
        period = period_of(ReportKind.MONTHLY, first, LONDON)
        assert (period.since.isoformat(), period.until.isoformat()) == ("2026-02-01", "2026-02-28")
        assert period.is_scheduled

    def test_the_week_of_a_change_of_clocks_is_an_hour_short(self):
        period = period_of(ReportKind.WEEKLY, datetime(2026, 3, 30, 6, tzinfo=LONDON), LONDON)
        assert period.ends - period.begins == 7 * 86_400 - 3600


class TestMade:
    def test_it_tells_of_the_days_that_are_over(self, traded):
        report = made(traded)
        assert (report.since.isoformat(), report.until.isoformat()) == ("2026-06-08", "2026-06-14")
        assert report.trades == 7
        told = read(report.run)
        assert told["document"]["headline"] == report.headline
        keys = [one["key"] for one in told["document"]["sections"]]
        assert keys == [
            "scoreboard", "process", "decisions", "learned", "recommendations", "risk", "focus",
        ]  # fmt: skip
        assert differences(told) == []

    def test_the_same_moment_again_is_the_same_after_more_trades(self, owner, traded):
        first = made(traded).run
        later = [round_trip(number, end="90") for number in range(14, 20)]
        book(owner, *[record for trip in later for record in trip])
        again = learner.learn(traded.pk, as_of=MONDAY, kinds=[RunKind.WEEKLY])[0]
        assert again.sha256 == first.sha256
        assert Report.objects.count() == 1

    def test_what_was_told_stays_when_the_book_changes(self, traded):
        report = made(traded)
        BrokerAccount.objects.update(zone="Asia/Tokyo")
        LearningSettings.objects.update(zone="Asia/Tokyo")
        learner.learn(traded.pk, as_of=MONDAY, kinds=[RunKind.WEEKLY])
        assert LearningRun.objects.filter(kind=RunKind.WEEKLY).count() == 2
        assert Report.objects.get().run == report.run

    def test_money_is_exact(self, traded):
        told = read(made(traded).run)
        board = told["document"]["sections"][0]["tables"][0]["rows"]
        (net,) = (row for row in board if row[0]["text"] == "Result, net")
        # Of the numbers 7 to 13 the 9th and the 12th lost 15, the other five won 10.
        assert net[1]["text"] == "+20.00 USD"

    def test_nobody_traded(self, workspace):
        told = read(made(workspace).run)
        assert told["document"]["headline"] == "No trade closed this week."
        assert differences(told) == []

    def test_a_month_has_more(self, traded):
        told = read(made(traded, datetime(2026, 7, 1, 6, tzinfo=LONDON), RunKind.MONTHLY).run)
        keys = {one["key"] for one in told["document"]["sections"]}
        assert {"calibration", "regime", "rules", "tax"} <= keys
        assert differences(told) == []

    def test_one_that_was_asked_for_does_not_stand_for_the_week_that_is_over(self, traded):
        made(traded, MONDAY + timedelta(hours=2))
        due = timing.due_reports(traded.pk, MONDAY + timedelta(hours=3))
        assert (RunKind.WEEKLY, MONDAY) in due
        made(traded)
        due = timing.due_reports(traded.pk, MONDAY + timedelta(hours=3))
        assert RunKind.WEEKLY not in [kind for kind, _ in due]


@pytest.mark.parametrize(
    ("kind", "as_of", "since"),
    [
        (ReportKind.WEEKLY, MONDAY, MONDAY - timedelta(days=7)),
        (ReportKind.MONTHLY, datetime(2026, 7, 1, 6, tzinfo=LONDON), datetime(2026, 6, 1, 6, tzinfo=LONDON)),
        # The clock was put back in between.
        (ReportKind.WEEKLY, datetime(2026, 10, 26, 6, tzinfo=LONDON), datetime(2026, 10, 19, 6, tzinfo=LONDON)),
    ],
)  # fmt: skip
def test_what_one_report_told_the_next_one_does_not_tell_again(kind, as_of, since):
    assert period_of(kind, as_of, LONDON).told_since == since
    assert period_of(kind, since, LONDON).is_scheduled


def test_whoever_asks_twice_or_at_once_gets_one(traded):
    moment = datetime(2026, 6, 17, 9, 30, 12, 700_000, tzinfo=UTC)
    with time_machine.travel(moment + timedelta(seconds=20), tick=False):
        for waited in (20, 1, 0):
            asked_at = moment + timedelta(seconds=20 - waited)
            tasks.make_report(traded.pk, "weekly", asked_at.isoformat())
        tasks.make_report(traded.pk, "monthly", asked_at.isoformat())
    with time_machine.travel(moment + timedelta(minutes=2), tick=False):
        asked_at = moment + timedelta(minutes=1)
        tasks.make_report(traded.pk, "weekly", asked_at.isoformat())
    made_at = Report.objects.order_by("as_of", "kind").values_list("kind", "as_of__minute", "as_of__second")  # fmt: skip
    assert list(made_at) == [("monthly", 30, 32), ("weekly", 30, 32), ("weekly", 32, 12)]


class TestChecked:
    def test_every_number_follows_from_what_the_file_holds(self, traded, tmp_path, capsys):
        file = tmp_path / "report.json"
        file.write_text(made(traded).run.result)
        call_command("check_report", str(file))
        assert "all the same" in capsys.readouterr().out

    def test_a_number_that_was_touched_is_found(self, traded, tmp_path):
        told = read(made(traded).run)
        told["material"]["rows"]["rows"][0][5] = "999.00"
        file = tmp_path / "report.json"
        file.write_text(json.dumps(told))
        with pytest.raises(CommandError, match="its material gives"):
            call_command("check_report", str(file))

    @pytest.mark.parametrize("rules", [None, "1", 7])
    def test_one_that_was_made_by_other_rules_is_not_called_wrong(self, traded, tmp_path, rules):
        told = read(made(traded).run)
        told["rules"] = rules
        if rules is None:
            del told["rules"]
        file = tmp_path / "report.json"
        file.write_text(json.dumps(told))
        with pytest.raises(
            CommandError, match=f"made by rules {rules or 1}, and this is a program of"
        ):
            call_command("check_report", str(file))

    @pytest.mark.parametrize("text", ["", "{}", "[]", '{"document": 1}'])
    def test_what_is_no_report(self, tmp_path, text):
        file = tmp_path / "report.json"
        file.write_text(text)
        with pytest.raises(CommandError, match="not the JSON of a report"):
            call_command("check_report", str(file))

    def test_every_number_is_a_line_with_its_rule(self, traded):
        document = read(made(traded).run)["document"]
        lines = list(csv_rows.numbers_of(document))
        assert len(lines) > 15
        assert all(line[-1] for line in lines)


@pytest.fixture
def mails(settings):
    settings.EMAIL_HOST = "mail.example.org"
    settings.BASE_URL = "https://book.example.org"


def deliver() -> None:
    for workspace_id, channel_id in delivery.list_due():
        with scope(workspace=workspace_id):
            delivery.deliver(channel_id, {})


@pytest.mark.usefixtures("mails")
class TestMailed:
    @pytest.mark.parametrize(("rows", "sentences"), [(2_000, 3), (30, 3), (5, 400), (2_000, 4_000)])
    def test_it_is_never_longer_than_mail_programs_show(self, owner, traded, rows, sentences):
        channel = subscribing.subscribe(owner)
        report = made(traded)
        document = told_by(report)["document"]
        cells = [{"text": "Ünï<&>" * 8, "href": "/trades/1"}] * 4
        for section in document["sections"]:
            table = {"title": "T", "columns": ["a"] * 4, "numeric": [3], "rows": [cells] * rows}
            section["tables"] = [table, table]
            section["sentences"] = [f"{at} " + "word " * 30 for at in range(sentences)]
        letter = mailing.letter_of(report, document, channel)
        assert len(letter.html.encode()) <= mailing.HTML_MAX
        assert "0 word" in letter.html
        assert f"{sentences - 1} word" in letter.text, "the text has all of it"

    def test_a_letter_is_whole(self, owner, traded):
        subscribing.subscribe(owner)
        report = made(traded)
        assert mailing.tell(report) == 1
        deliver()
        (letter,) = mail.outbox
        assert letter.to == [owner.user.email]
        assert letter.subject == " ".join(f"Fillbook: {report.headline}".split())
        assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        html = letter.alternatives[0].content
        assert len(html.encode()) <= mailing.HTML_MAX
        for section in read(report.run)["document"]["sections"]:
            assert section["title"].upper() in letter.body
            assert section["title"] in html
            for table in section["tables"]:
                for row in table["rows"]:
                    assert all(cell["text"] in letter.body for cell in row)
        pictures = [
            part for part in letter.message().walk() if part.get_content_type() == "image/png"
        ]
        assert 1 <= len(pictures) <= mailing.PICTURES_MAX
        for picture in pictures:
            assert f"cid:{picture['Content-ID'].strip('<>')}" in html
            assert picture.get_payload(decode=True).startswith(b"\x89PNG")
        assert letter.message().get_content_type() == "multipart/related"

    def test_it_is_told_once(self, owner, traded):
        subscribing.subscribe(owner)
        report = made(traded)
        assert [mailing.tell(report), mailing.tell(report)] == [1, 0]

    def test_a_week_long_over_is_told_to_nobody(self, owner, traded):
        subscribing.subscribe(owner)
        assert made(traded).sent_at is None
        assert not Alert.objects.exists()

    def test_who_does_not_want_them_gets_none(self, owner, traded):
        subscribing.subscribe(owner)
        subscribing.unsubscribe(traded.pk, owner.user_id)
        assert mailing.tell(made(traded)) == 0
        assert not AlertChannel.objects.exists()

    @pytest.mark.usefixtures("workspace")
    def test_other_topics_of_a_channel_stay(self, owner):
        channel = subscribing.subscribe(owner)
        channel.topics = [AlertTopic.GUARDS.value, *channel.topics]
        channel.save()
        subscribing.unsubscribe(owner.workspace_id, owner.user_id)
        assert AlertChannel.objects.get().topics == [AlertTopic.GUARDS.value]
        subscribing.subscribe(owner)
        assert set(AlertChannel.objects.get().topics) == {"guards", "reports"}
