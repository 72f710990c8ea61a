"""Reports on their pages and in files: for who reads the workspace, with what they carry."""

from __future__ import annotations

import html
import json

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from journal.models import AlertChannel
from learning.models import Report, RunKind, TradeFact
from learning.services import learner
from learning.services.reporting import mailing, subscribing
from tests import people
from tests.integration.learning.closes import report as book
from tests.integration.learning.closes import round_trip
from tests.integration.learning.test_reports import MONDAY

pytestmark = pytest.mark.django_db
LIST = "/learning/reports"


def signed_in(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def who(settings):
    settings.EMAIL_HOST = "mail.example.org"
    return people.everybody()


@pytest.fixture
def report(who) -> Report:
    with scope(workspace=who.workspace):
        trips = [round_trip(number, end="101" if number % 3 else "98") for number in range(14)]
        book(who.alice, *[record for trip in trips for record in trip])
        TradeFact.objects.update(risk=20, r=F("pnl") / 20.0)
        learner.learn(who.workspace.pk, as_of=MONDAY, kinds=[RunKind.WEEKLY])
        return Report.objects.get()


def test_the_page_says_all_of_it(who, report):
    answer = signed_in(who.bob).get(f"{LIST}/{report.pk}")
    assert answer.status_code == 200
    page = html.unescape(answer.content.decode())
    document = json.loads(report.run.result)["document"]
    assert document["headline"] in page
    for section in document["sections"]:
        assert section["title"] in page
    assert 'data-chart="report-equity"' in page
    assert report.headline in html.unescape(signed_in(who.bob).get(LIST).content.decode())


def test_files_of_it(who, report):
    client = signed_in(who.bob)
    told = client.get(f"{LIST}/{report.pk}.json")
    assert told.content.decode() == report.run.result
    rows = client.get(f"{LIST}/{report.pk}.csv").content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("section,table,line,column,shown,value")
    assert any("total_r" in row for row in rows)
    printed = client.get(f"{LIST}/{report.pk}.pdf")
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")
    assert b"%%EOF" in printed.content[-32:]


def test_a_newcomer_is_told_what_is_needed(who):
    page = signed_in(who.alice).get(LIST).content.decode()
    assert "No report yet" in page
    assert "20 closed trades" in page


class TestAskedFor:
    def test_a_trader_may(self, who):
        answer = signed_in(who.alice).post(f"{LIST}/make", {"kind": "weekly"})
        assert answer.status_code == 303

    def test_a_viewer_may_not(self, who):
        assert signed_in(who.bob).post(f"{LIST}/make", {"kind": "weekly"}).status_code == 403

    def test_of_a_kind_that_there_is(self, who):
        assert signed_in(who.alice).post(f"{LIST}/make", {"kind": "yearly"}).status_code == 422


class TestByMail:
    def test_a_person_chooses(self, who):
        client = signed_in(who.bob)
        client.post(f"{LIST}/mail", {"wanted": "yes"})
        with scope(workspace=who.workspace):
            assert AlertChannel.objects.get().user_id == who.bob.user_id
        assert "Stop mailing me" in client.get(LIST).content.decode()
        client.post(f"{LIST}/mail", {"wanted": "no"})
        with scope(workspace=who.workspace):
            assert not AlertChannel.objects.exists()
        assert mail.outbox == []

    def test_the_link_of_a_mail_ends_it_without_signing_in(self, who):
        with scope(workspace=who.workspace):
            token = subscribing.unsubscribe_token(subscribing.subscribe(who.alice))
            subscribing.subscribe(who.bob)
        stranger = Client(enforce_csrf_checks=True)
        address = f"{LIST}/unsubscribe/{token}"
        assert stranger.get(address).status_code == 200
        with scope(workspace=who.workspace):
            assert AlertChannel.objects.count() == 2
        # As mail programs do (RFC 8058).
        assert stranger.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
        with scope(workspace=who.workspace):
            assert AlertChannel.objects.get().user_id == who.bob.user_id

    def test_one_report_by_mail_is_no_wish_for_all(self, who, report):
        client = signed_in(who.bob)
        client.post(f"{LIST}/mail", {"wanted": "yes"})
        with scope(workspace=who.workspace):
            AlertChannel.objects.update(topics=["breaks"])
        told = client.post(f"{LIST}/{report.pk}/mail", follow=True).content.decode()
        assert f"On its way to {who.bob.user.email}." in told
        with scope(workspace=who.workspace):
            assert AlertChannel.objects.get().topics == ["breaks"]
            assert mailing.mail_to(report, who.bob.user_id) == 1
            assert mailing.mail_to(report, who.alice.user_id) == 0

    def test_who_has_no_channel_gets_one_and_is_told_what_follows(self, who, report):
        told = signed_in(who.bob).post(f"{LIST}/{report.pk}/mail", follow=True).content.decode()
        assert "The reports that follow come by e-mail, too" in told
        with scope(workspace=who.workspace):
            assert AlertChannel.objects.get().topics == ["reports"]

    @pytest.mark.parametrize("address", [f"{LIST}/mail", f"{LIST}/{{}}/mail"])
    def test_nothing_is_said_to_go_to_a_channel_that_is_paused(self, who, report, address):
        client = signed_in(who.bob)
        client.post(f"{LIST}/mail", {"wanted": "yes"})
        with scope(workspace=who.workspace):
            AlertChannel.objects.update(paused_at=timezone.now())
        answer = client.post(address.format(report.pk), {"wanted": "yes"})
        assert answer.status_code == 409
        assert "paused" in answer.content.decode()
        with scope(workspace=who.workspace):
            assert mailing.mail_to(report, who.bob.user_id) == 0

    def test_a_link_of_nobody(self):
        assert Client().post(f"{LIST}/unsubscribe/abc").status_code == 404
