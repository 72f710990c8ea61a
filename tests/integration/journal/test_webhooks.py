"""Webhooks: signed so that the documented check believes them, until they arrive, and never into a private network."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from django_scopes import scope

from common.errors import Conflict, Rejected
from common.secrets import decrypt
from journal import tasks
from journal.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from journal.services.alerts.channels import create_channel
from journal.services.alerts.telling import News, tell
from journal.services.webhooks import endpoints
from journal.services.webhooks.delivery import PATIENCE, WAITS, body_of
from journal.services.webhooks.emitting import Happening, emit
from journal.services.webhooks.events import EVENTS
from journal.services.webhooks.signing import sign
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.captures import book
from tests.doors import import_now

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).parents[3] / "docs" / "webhooks.md"


def documented_verify():
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    names = {}
    exec(code, names)
    return names["verify"]


@pytest.fixture
def receiver(settings):
    """A program that keeps what it was sent, with its headers."""
    settings.ALERT_PRIVATE_HOSTS = True

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.received.append((headers, body, self.path))
            self.send_response(server.status)
            for name, value in server.says.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.received, server.status, server.says = [], 204, {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.address = f"http://127.0.0.1:{server.server_port}/hook?key=zsecret"
    yield server
    server.shutdown()


@pytest.fixture
def alice():
    return people.alice()


def endpoint(membership, address, *events):
    with scope(workspace=membership.workspace):
        return endpoints.create_endpoint(
            membership, address=address, name="Bot", events=events or ["guard.fired"]
        )


def happens(membership, kind="guard.fired", **data):
    with scope(workspace=membership.workspace):
        return emit(membership.workspace_id, [Happening(kind, None, data)])


def deliveries(membership):
    with scope(workspace=membership.workspace):
        return list(WebhookDelivery.objects.order_by("id"))


def come_due(membership):
    with scope(workspace=membership.workspace):
        WebhookDelivery.objects.filter(next_at__isnull=False).update(next_at=timezone.now())
    tasks.deliver_webhooks()


def test_what_happens_arrives_signed_as_documented(alice, receiver):
    _, secret = endpoint(alice, receiver.address)
    assert happens(alice, equity="9500.10") == 1
    tasks.deliver_webhooks()
    ((headers, body, path),) = receiver.received
    verify = documented_verify()
    said = json.loads(body)
    assert verify(secret, headers, body) == said["id"] == headers["webhook-id"]
    assert path == "/hook?key=zsecret"
    assert headers["content-type"].startswith("application/json")
    assert (said["type"], said["version"], said["data"]) == ("guard.fired", "1", {"equity": "9500.10"})  # fmt: skip
    assert said["workspace"] == alice.workspace_id
    (delivery,) = deliveries(alice)
    assert (delivery.state, delivery.status, delivery.attempts) == ("delivered", 204, 1)


def test_the_documented_check_refuses_what_is_forged_or_old(alice, receiver):
    _, secret = endpoint(alice, receiver.address)
    happens(alice)
    tasks.deliver_webhooks()
    ((headers, body, _),) = receiver.received
    verify = documented_verify()
    with pytest.raises(ValueError, match="not signed"):
        verify(secret, headers, body + b" ")
    with pytest.raises(ValueError, match="not signed"):
        verify("whsec_" + "A" * 44, headers, body)
    with pytest.raises(ValueError, match="not signed"):
        verify(secret, {**headers, "webhook-id": "evt_other"}, body)
    with pytest.raises(ValueError, match="too old"):
        verify(secret, headers, body, now=int(headers["webhook-timestamp"]) + 301)


def test_the_example_of_the_specification_is_signed_alike():
    """Of the libraries of Standard Webhooks, with their example secret."""
    signature = sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )  # fmt: skip
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_only_what_is_wanted_is_told_and_nothing_where_nobody_listens(alice, receiver):
    assert happens(alice) == 0
    with scope(workspace=alice.workspace):
        assert not WebhookEvent.objects.exists()
    made, _ = endpoint(alice, receiver.address, "guard.fired", "lock.began")
    assert happens(alice, "guard.warned") == 0
    assert happens(alice, "lock.began") == 1
    with scope(workspace=alice.workspace):
        endpoints.pause_endpoint(made, is_paused=True)
    assert happens(alice, "lock.began") == 0


def test_strangers_hear_nothing(alice, receiver):
    endpoint(people.charlie(), receiver.address)
    assert happens(alice) == 0


def test_a_failure_is_tried_again_under_the_same_id_with_the_same_bytes(alice, receiver):
    endpoint(alice, receiver.address)
    receiver.status = 500
    happens(alice)
    tasks.deliver_webhooks()
    tasks.deliver_webhooks()
    assert len(receiver.received) == 1, "Not before its time."
    (delivery,) = deliveries(alice)
    assert (delivery.state, delivery.status, delivery.error) == ("retrying", 500, "It answered 500.")  # fmt: skip
    receiver.status = 200
    come_due(alice)
    (first, again) = receiver.received
    assert first[0]["webhook-id"] == again[0]["webhook-id"]
    assert first[1] == again[1]
    assert deliveries(alice)[0].state == "delivered"


def test_it_is_given_up_in_the_end_and_sent_again_by_hand(alice, receiver):
    endpoint(alice, receiver.address)
    receiver.status = 503
    happens(alice)
    for _ in range(len(WAITS) + 3):
        come_due(alice)
    assert len(receiver.received) == len(WAITS) + 1
    (delivery,) = deliveries(alice)
    assert delivery.state == "given_up"
    receiver.status = 200
    with scope(workspace=alice.workspace):
        endpoints.redeliver(endpoints.get_delivery(delivery.pk))
    tasks.deliver_webhooks()
    assert receiver.received[-1][0]["webhook-id"] == receiver.received[0][0]["webhook-id"]
    assert [one.state for one in deliveries(alice)] == ["given_up", "delivered"]


def test_what_is_on_its_way_is_not_sent_a_second_time(alice, receiver):
    endpoint(alice, receiver.address)
    happens(alice)
    with scope(workspace=alice.workspace), pytest.raises(Conflict):
        endpoints.redeliver(endpoints.get_delivery(deliveries(alice)[0].pk))


def test_who_asks_for_patience_gets_it(alice, receiver):
    endpoint(alice, receiver.address)
    receiver.status, receiver.says = 429, {"Retry-After": "7200"}
    happens(alice)
    tasks.deliver_webhooks()
    (delivery,) = deliveries(alice)
    assert delivery.next_at - timezone.now() > timedelta(minutes=119)


@pytest.mark.parametrize("patience", ["-5", "Wed, 21 Oct 2026 07:28:00 GMT", "²", "9" * 30, ""])
def test_nonsense_about_patience_changes_nothing(alice, receiver, patience):
    endpoint(alice, receiver.address)
    receiver.status, receiver.says = 503, {"Retry-After": patience.encode().decode("latin-1")}
    happens(alice)
    tasks.deliver_webhooks()
    (delivery,) = deliveries(alice)
    assert delivery.next_at - timezone.now() < timedelta(minutes=1)


def test_redirects_are_not_followed(alice, receiver):
    endpoint(alice, receiver.address)
    receiver.status, receiver.says = 307, {"Location": receiver.address + "&second"}
    happens(alice)
    tasks.deliver_webhooks()
    assert len(receiver.received) == 1
    assert "redirects are not followed" in deliveries(alice)[0].error


def test_a_name_that_leads_home_later_is_not_reached(alice, receiver, settings):
    endpoint(alice, receiver.address)
    happens(alice)
    settings.ALERT_PRIVATE_HOSTS = False
    tasks.deliver_webhooks()
    assert receiver.received == []
    (delivery,) = deliveries(alice)
    assert "not on the public network" in delivery.error
    assert "zsecret" not in delivery.error


def test_who_cannot_be_reached_holds_up_nobody(alice, receiver):
    dead, _ = endpoint(alice, "http://127.0.0.1:9/x")
    for _ in range(5):
        happens(alice)
    endpoint(alice, receiver.address)
    happens(alice)
    tasks.deliver_webhooks()
    assert len(receiver.received) == 1
    with scope(workspace=alice.workspace):
        tried = dead.deliveries.filter(attempts__gt=0)
        assert tried.count() == 1, "The others wait for the next turn."
        assert not dead.deliveries.filter(next_at__lte=timezone.now()).exists()


def test_nothing_for_days_switches_it_off_and_tells_people(alice, receiver, settings):
    settings.EMAIL_HOST = "mail.example.org"
    with scope(workspace=alice.workspace):
        create_channel(alice, kind="email", name="", address="", topics=["webhooks"])
    made, _ = endpoint(alice, receiver.address)
    receiver.status = 500
    begin = datetime(2026, 3, 3, 12, tzinfo=UTC)
    with time_machine.travel(begin, tick=False):
        happens(alice)
        tasks.deliver_webhooks()
    with time_machine.travel(begin + PATIENCE - timedelta(hours=1), tick=False):
        happens(alice)
        tasks.deliver_webhooks()
        made.refresh_from_db()
        assert made.disabled_at is None
    with time_machine.travel(begin + PATIENCE + timedelta(hours=1), tick=False):
        come_due(alice)
        tasks.deliver_alerts()
        made.refresh_from_db()
        assert made.disabled_at is not None
        assert happens(alice) == 0
    (message,) = mail.outbox
    assert message.subject == "Fillbook: The webhook Bot was switched off"
    assert {one.state for one in deliveries(alice)} == {"given_up"}
    with scope(workspace=alice.workspace):
        endpoints.pause_endpoint(made, is_paused=False)
    assert happens(alice) == 1


def test_one_success_forgets_the_failures(alice, receiver):
    made, _ = endpoint(alice, receiver.address)
    receiver.status = 500
    happens(alice)
    tasks.deliver_webhooks()
    receiver.status = 200
    happens(alice)
    tasks.deliver_webhooks()
    made.refresh_from_db()
    assert (made.failing_since, made.error) == (None, "")


def test_who_says_gone_is_not_asked_again(alice, receiver):
    made, _ = endpoint(alice, receiver.address)
    receiver.status = 410
    happens(alice)
    tasks.deliver_webhooks()
    made.refresh_from_db()
    assert made.disabled_at is not None


def test_a_new_secret_and_the_old_one_sign_for_a_day(alice, receiver):
    made, old = endpoint(alice, receiver.address)
    with scope(workspace=alice.workspace):
        new = endpoints.change_secret(made)
    happens(alice)
    tasks.deliver_webhooks()
    headers, body, _ = receiver.received[-1]
    verify = documented_verify()
    assert old != new
    assert verify(old, headers, body)
    assert verify(new, headers, body)
    with scope(workspace=alice.workspace):
        WebhookEndpoint.objects.update(old_secret_until=timezone.now())
    happens(alice)
    tasks.deliver_webhooks()
    headers, body, _ = receiver.received[-1]
    assert verify(new, headers, body)
    with pytest.raises(ValueError, match="not signed"):
        verify(old, headers, body)


def test_address_and_secret_lie_encrypted_and_in_no_audit_trail(alice, receiver):
    made, secret = endpoint(alice, receiver.address)
    assert "zsecret" not in made.address
    assert decrypt(made.secret) == secret
    names = {field.name for field in made.events.model._meta.get_fields()}
    assert "wanted" in names
    assert names.isdisjoint({"address", "secret", "old_secret"})


def test_what_is_removed_forgets_its_address_and_keeps_its_history(alice, receiver):
    made, _ = endpoint(alice, receiver.address)
    happens(alice)
    with scope(workspace=alice.workspace):
        endpoints.remove_endpoint(made)
    tasks.deliver_webhooks()
    made.refresh_from_db()
    assert (made.address, made.secret) == ("", "")
    assert receiver.received == []
    assert deliveries(alice)[0].error == "The webhook was removed."


@pytest.mark.parametrize(
    "address",
    [
        "", "nonsense", "ftp://example.org/", "http://example.org/", "https://", "https:///x", "https://localhost/x",
        "https://127.0.0.1/x", "https://[::1]/", "https://10.0.0.1/", "https://169.254.169.254/latest", "https://0x7f000001/",
        "https://a:b@example.org/", "https://example.org:99999/", "https://exa mple.org/", "https://example.org/\n",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[::7f00:1]/", "https://[fec0::1]/",
        "https://2130706433/", "https://[::ffff:10.0.0.1]/", "file:///etc/passwd", "https://[nonsense/",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(alice, address):
    with pytest.raises(Rejected) as refusal:
        endpoint(alice, address.replace("\n", "\n\x07"))
    assert refusal.value.fields["address"]


def test_events_that_nobody_knows_are_refused(alice, receiver):
    with pytest.raises(Rejected, match="no event"):
        endpoint(alice, receiver.address, "guard.fired", "nonsense")


def test_every_event_is_documented():
    documented = set(re.findall(r"^\| `([a-z._]+)` \|", DOCUMENT.read_text(), re.MULTILINE))
    assert documented == set(EVENTS)


def test_news_is_for_programs_too_and_once(alice, receiver, settings):
    settings.BASE_URL = "https://journal.example.org"
    endpoint(alice, receiver.address)
    news = News(
        "guards", alice.workspace_id, None, "guard:1", "Guard fired", url_path="/reconciliation/guards/1",
        event="guard.fired", data={"equity": "9500"},
    )  # fmt: skip
    assert tell(news)
    assert not tell(news)
    tasks.deliver_webhooks()
    ((_, body, _),) = receiver.received
    assert json.loads(body)["data"] == {
        "summary": "Guard fired",
        "url": "https://journal.example.org/reconciliation/guards/1",
        "equity": "9500",
    }


def test_recommendations_are_told_when_they_come(alice, receiver):
    endpoint(alice, receiver.address, "recommendation.created")
    rows = [
        {"record_id": "a", "symbol": "SPY", "quantity": "7", "reason": "zreason"},
        {"record_id": "b", "symbol": "QQQ", "pool": "shadow"},
    ]
    people.bot(alice).post("/api/recommendations/batch", {"recommendations": rows})
    book(alice.workspace)
    tasks.deliver_webhooks()
    ((_, body, _),) = receiver.received
    said = json.loads(body)
    assert (said["type"], said["data"]["record_id"], said["data"]["quantity"]) == (
        "recommendation.created", "a", "7",
    )  # fmt: skip
    assert b"zreason" not in body


def test_closed_trades_are_told_once_and_history_never(alice, receiver):
    now = timezone.now()
    with time_machine.travel(now - timedelta(hours=2)):
        endpoint(alice, receiver.address, "trade.closed")

    def at(moment):
        return f"{moment:%Y%m%d;%H%M%S}"

    old = now - timedelta(days=30)
    rows = [
        trade(symbol="NEW", conid="1", transactionID="1", dateTime=at(now - timedelta(minutes=90))),
        trade(symbol="NEW", conid="1", transactionID="2", quantity="-10", buySell="SELL", dateTime=at(now - timedelta(minutes=60))),
        trade(symbol="OLD", conid="2", transactionID="3", dateTime=at(old)),
        trade(symbol="OLD", conid="2", transactionID="4", quantity="-10", buySell="SELL", dateTime=at(old + timedelta(hours=1))),
    ]  # fmt: skip
    import_now(alice.workspace, statement(*rows), zone="UTC")
    for _ in range(2):
        tasks.announce_closed()
    tasks.deliver_webhooks()
    ((_, body, _),) = receiver.received
    said = json.loads(body)
    assert (said["type"], said["data"]["symbol"], said["data"]["quantity"]) == (
        "trade.closed", "NEW", "10",
    )  # fmt: skip
    with scope(workspace=alice.workspace):
        event = WebhookEvent.objects.get()
        assert body_of(event) == body
