"""News: told once until it changes, to who wants it, when they want it; and what they can see of its way."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope, scopes_disabled
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Role
from common.errors import Rejected
from journal import tasks
from journal.models import Alert, AlertChannel, AlertState, BrokerAccount, Told
from journal.services.alerts.channels import change_channel, create_channel
from journal.services.alerts.delivery import WAITS, retry_alert
from journal.services.alerts.quiet import NEVER, QuietHours, end_of_quiet
from journal.services.alerts.telling import News, tell, tell_all
from journal.services.erasure import ask_erasure, erase_account
from tests import people

pytestmark = pytest.mark.django_db
NIGHT = QuietHours(time(22), time(7))
# Midnight in Zurich.
MIDNIGHT = datetime(2026, 3, 3, 23, 0, tzinfo=UTC)


@pytest.fixture
def mails(settings):
    settings.EMAIL_HOST = "mail.example.org"
    settings.BASE_URL = "https://journal.example.org"
    return mail.outbox


@pytest.fixture
def alice(mails):
    membership = people.alice()
    membership.user.zone = "Europe/Zurich"
    membership.user.save()
    return membership


def channel(membership, *topics, quiet=NEVER):
    with scope(workspace=membership.workspace):
        return create_channel(
            membership, kind="email", name="", address="", topics=topics or ["guards"], quiet=quiet
        )


def news(membership, key="guard:1", subject="Drawdown guard warns", **values):
    given = {"lines": ["Equity 9,500 USD"], "url_path": "/reconciliation/guards/1", **values}
    topic = given.pop("topic", "guards")
    account_id = given.pop("account_id", None)
    return News(topic, membership.workspace_id, account_id, key, subject, **given)


def alerts(membership):
    with scope(workspace=membership.workspace):
        return list(Alert.objects.all())


def test_news_arrives_with_its_figures_and_its_page(alice, mails):
    channel(alice)
    assert tell(news(alice))
    tasks.deliver_alerts()
    (message,) = mails
    assert message.subject == "Fillbook: Drawdown guard warns"
    assert message.body == "Equity 9,500 USD\nhttps://journal.example.org/reconciliation/guards/1"
    assert alerts(alice)[0].state is AlertState.SENT


def test_the_same_is_told_once_until_it_changes(alice, mails):
    channel(alice)
    assert tell(news(alice))
    assert not tell(news(alice, lines=["Equity 9,499 USD"]))
    assert tell(news(alice, subject="Drawdown guard fired"))
    assert tell(news(alice)), "It changed in between, so it is news again."
    assert tell(news(alice, key="guard:2"))
    assert len(alerts(alice)) == 4


def test_a_state_tells_it_apart_where_the_subject_has_figures(alice):
    channel(alice)
    assert tell(news(alice, subject="5 % down", state="warning"))
    assert not tell(news(alice, subject="6 % down", state="warning"))
    assert tell(news(alice, subject="9 % down", state="fired"))


def test_only_who_wants_the_topic_is_told_and_viewers_too(alice, mails):
    bob = people.bob(alice.workspace, role=Role.VIEWER)
    channel(alice, "closing")
    channel(bob, "guards", "closing")
    tell(news(alice))
    tasks.deliver_alerts()
    assert [one.to for one in mails] == [["bob@example.org"]]


def test_who_has_left_and_strangers_are_not_told(alice, mails):
    bob, charlie = people.bob(alice.workspace), people.charlie()
    channel(bob)
    channel(charlie)
    tell(news(alice))
    bob.delete()
    tasks.deliver_alerts()
    assert mails == []
    assert [one.state for one in alerts(alice)] == [AlertState.DROPPED]


def test_what_is_rolled_back_was_not_told(alice):
    channel(alice)
    with transaction.atomic():
        tell(news(alice))
        transaction.set_rollback(True)
    assert alerts(alice) == []
    assert tell(news(alice))


def test_many_at_once_take_no_more_queries(alice, django_assert_num_queries):
    channel(alice)
    with CaptureQueriesContext(connection) as few:
        tell_all([news(alice, key=f"feed:{number}") for number in range(2)])
    many = [news(alice, key=f"guard:{number}") for number in range(300)]
    with django_assert_num_queries(len(few)):
        assert len(tell_all(many)) == 300
    assert len(alerts(alice)) == 302
    assert tell_all(many) == []


def test_what_came_together_is_one_message_and_what_is_urgent_its_own(alice, mails):
    channel(alice)
    for number in range(25):
        tell(news(alice, key=f"guard:{number}", subject=f"Guard {number} warns"))
    tell(news(alice, key="x", subject="Closing needs you", urgent=True))
    tasks.deliver_alerts()
    first, bundle = mails
    assert first.subject == "Fillbook: Closing needs you"
    assert bundle.subject == "Fillbook: 25 alerts"
    assert "Guard 0 warns\nEquity 9,500 USD\nhttps://" in bundle.body
    assert "Guard 24" not in bundle.body
    assert "And 5 more" in bundle.body
    assert all(one.state is AlertState.SENT for one in alerts(alice))


def test_quiet_hours_hold_back_all_but_what_is_urgent_and_end_in_one_message(alice, mails):
    channel(alice, quiet=NIGHT)
    with time_machine.travel(MIDNIGHT, tick=False):
        tell(news(alice, key="a"))
        tell(news(alice, key="b"))
        tell(news(alice, key="c", subject="Fired", urgent=True))
        tasks.deliver_alerts()
        assert [one.subject for one in mails] == ["Fillbook: Fired"]
        assert [one.state for one in alerts(alice)] == ["quiet", "quiet", "sent"]
        assert {one.next_at for one in alerts(alice) if one.is_held} == {
            datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
        }
    with time_machine.travel(MIDNIGHT + timedelta(hours=6, minutes=59), tick=False):
        tasks.deliver_alerts()
        assert len(mails) == 1
    with time_machine.travel(MIDNIGHT + timedelta(hours=7), tick=False):
        tasks.deliver_alerts()
    assert mails[1].subject == "Fillbook: 2 alerts"
    assert len(mails) == 2


def test_a_retry_does_not_wake_anybody(alice, mails):
    made = channel(alice, quiet=NIGHT)
    with time_machine.travel(MIDNIGHT - timedelta(hours=2), tick=False):
        tell(news(alice))
    with time_machine.travel(MIDNIGHT, tick=False):
        tasks.deliver_alerts()
        assert mails == []
        assert alerts(alice)[0].state is AlertState.QUIET
        with scope(workspace=alice.workspace):
            made.user = alice.user
            change_channel(made, name="", topics=["guards"], quiet=QuietHours())
        tasks.deliver_alerts()
    assert len(mails) == 1


def test_what_fails_is_tried_again_given_up_and_sent_when_somebody_asks(alice, mails, settings):
    channel(alice)
    settings.EMAIL_BACKEND = "tests.integration.journal.test_telling.Nowhere"
    tell(news(alice))
    tasks.deliver_alerts()
    (alert,) = alerts(alice)
    assert (alert.state, alert.attempts) == (AlertState.RETRYING, 1)
    assert "mail server did not take it" in alert.note
    for _ in WAITS:
        with scopes_disabled():
            Alert.objects.filter(next_at__isnull=False).update(next_at=timezone.now())
        tasks.deliver_alerts()
    (alert,) = alerts(alice)
    assert alert.state is AlertState.GIVEN_UP
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    tasks.deliver_alerts()
    assert mails == []
    with scope(workspace=alice.workspace):
        assert retry_alert(alert)
        assert not retry_alert(alert), "It is on its way already."
    tasks.deliver_alerts()
    assert len(mails) == 1
    with scope(workspace=alice.workspace):
        assert not retry_alert(alert), "What was sent is not sent again."


class Nowhere:
    """A mail server that is away."""

    def __init__(self, *_args, **_options):
        pass

    def send_messages(self, _messages):
        raise ConnectionRefusedError


@pytest.mark.parametrize("quiet", [QuietHours(time(22), None), QuietHours(None, time(7)), QuietHours(time(7), time(7))])  # fmt: skip
def test_half_of_quiet_hours_and_none_at_all_are_refused(alice, quiet):
    with pytest.raises(Rejected):
        channel(alice, quiet=quiet)


def test_erasing_an_account_takes_what_was_told_of_it(alice):
    channel(alice)
    with scope(workspace=alice.workspace):
        account = BrokerAccount.objects.create(
            workspace=alice.workspace, broker="paper", broker_id="P1", base_currency="USD"
        )
        tell(news(alice, account_id=account.pk))
        tell(news(alice, key="other"))
        ask_erasure(account, confirm="P1", reason="", author_id=None)
        erase_account(account)
        assert [one.key for one in Told.objects.all()] == ["other"]
        assert Alert.objects.count() == 1


def test_text_of_others_brings_no_links_and_no_lines(alice, mails):
    channel(alice)
    tell(news(alice, subject="See https://evil.example", lines=["a\nb http://evil.example/x"]))
    tasks.deliver_alerts()
    assert "://evil" not in mails[0].subject + mails[0].body
    assert mails[0].body.count("\n") == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_news_tell_it_once(alice):
    channel(alice)
    told, ready = [], threading.Barrier(4)

    def work():
        ready.wait()
        told.extend(tell(news(alice)) for _ in range(10))
        close_old_connections()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(told) == 1
    assert len(alerts(alice)) == 1


_TIMES = st.times().filter(lambda one: one.fold == 0)
_ZONES = st.sampled_from(
    ["UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]
)  # fmt: skip


@given(begin=_TIMES, end=_TIMES, zone=_ZONES, now=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # fmt: skip
def test_quiet_hours_end_later_than_now_within_a_day_and_at_their_end(begin, end, zone, now):
    until = end_of_quiet(begin, end, zone, now)
    if until is None:
        clock = now.astimezone(ZoneInfo(zone)).time()
        assert begin == end or not (begin <= clock < end if begin < end else clock >= begin or clock < end)  # fmt: skip
        return
    assert now < until <= now + timedelta(hours=26)
    clock = until.astimezone(ZoneInfo(zone)).time()
    # A time that clocks leave out comes an hour (or a half) later.
    assert clock == end or until.astimezone(ZoneInfo(zone)).utcoffset() != now.astimezone(ZoneInfo(zone)).utcoffset()  # fmt: skip


def test_channels_keep_their_quiet_hours(alice):
    channel(alice, quiet=NIGHT)
    with scope(workspace=alice.workspace):
        assert AlertChannel.objects.get().quiet_until == time(7)
