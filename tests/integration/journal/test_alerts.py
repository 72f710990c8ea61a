"""Alerts: what is sent where, what is never sent anywhere, and what a failure leaves behind."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from django.core import mail
from django.utils import timezone
from django_scopes import scope

from accounts.roles import Role
from common.errors import Conflict, Rejected
from common.secrets import decrypt
from journal import tasks
from journal.models import Alert, AlertChannel, DecisionLink
from journal.services.alerts.addresses import check_address, read_address
from journal.services.alerts.channels import CHANNELS_MAX, create_channel
from journal.services.alerts.delivery import WAITS, Message, _fitting
from journal.services.alerts.guard import is_public, only_public
from tests import people
from tests.captures import book

pytestmark = pytest.mark.django_db
APPROVALS, OTHERS = "approvals", "recommendations"


@pytest.fixture
def service():
    """A webhook that keeps what it was sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("Content-Length", 0))
            server.received.append(json.loads(self.rfile.read(length) or b"{}"))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.received, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.address = f"json://127.0.0.1:{server.server_port}/hook-secret"
    yield server
    server.shutdown()


@pytest.fixture
def alice():
    return people.alice()


def channel(membership, address, *topics, **fields):
    given = {"kind": "service", "name": "Phone", "address": address, **fields}
    with scope(workspace=membership.workspace):
        return create_channel(membership, topics=topics or [APPROVALS], **given)


def by_mail(membership, *topics):
    return channel(membership, "", *topics, kind="email")


def propose(membership, *records):
    client = people.bot(membership)
    rows = [{"symbol": "SPY", "strategy": "bull put", **one} for one in records]
    client.post("/api/recommendations/batch", {"recommendations": rows})
    book(membership.workspace)
    tasks.deliver_alerts()


def alerts(membership):
    with scope(workspace=membership.workspace):
        return list(Alert.objects.all())


@pytest.fixture
def mails(settings):
    settings.EMAIL_HOST = "mail.example.org"
    settings.BASE_URL = "https://journal.example.org"
    return mail.outbox


def test_what_needs_approval_is_asked_by_mail_with_a_link(alice, mails):
    by_mail(alice)
    propose(
        alice,
        {"record_id": "a", "needs_approval": True, "quantity": "7", "probability": "0.680"},
        {"record_id": "b"},
    )
    (message,) = mails
    assert message.to == ["alice@example.org"]
    assert message.subject == "Fillbook: Approve? SPY bull put"
    assert "size 7, probability 0.68" in message.body
    assert message.body.count("https://journal.example.org/decide/") == 1
    with scope(workspace=alice.workspace):
        assert DecisionLink.objects.get().record_id == "a"


def test_many_come_in_one_message_and_not_each_with_a_link(alice, mails):
    by_mail(alice, APPROVALS, OTHERS)
    propose(alice, *({"record_id": f"r{n}"} for n in range(8)))
    (message,) = mails
    assert message.subject == "Fillbook: 8 recommendations wait"
    assert message.body.count("/decide/") == 5
    assert "And 3 more" in message.body


def test_shadows_and_what_is_over_are_not_asked(alice, mails):
    by_mail(alice, APPROVALS, OTHERS)
    propose(
        alice,
        {"record_id": "a", "pool": "shadow"},
        {"record_id": "b", "expires_at": "2026-01-02T10:00:00Z", "at": "2026-01-01T10:00:00Z"},
    )
    assert mails == []
    assert alerts(alice) == []


def test_what_was_decided_before_it_was_sent_is_not_sent(alice, mails):
    by_mail(alice, OTHERS)
    client = people.bot(alice)
    client.post("/api/recommendations", {"record_id": "a", "symbol": "SPY"})
    book(alice.workspace)
    client.post("/api/recommendations/a/decisions", {"verdict": "rejected"})
    tasks.deliver_alerts()
    assert mails == []
    assert alerts(alice)[0].note == "There was nothing left to tell."


def test_who_may_not_decide_is_not_asked(alice, mails):
    bob = people.bob(alice.workspace, role=Role.TRADER)
    by_mail(bob, OTHERS)
    bob.role = Role.VIEWER
    bob.save()
    propose(alice, {"record_id": "a"})
    assert mails == []


def test_the_text_of_others_brings_no_links_and_no_lines(alice, mails):
    by_mail(alice, OTHERS)
    propose(
        alice,
        {
            "record_id": "a",
            "strategy": "see https://evil.example/x",
            "reason": "http://evil.example/y",
        },
    )
    (message,) = mails
    assert "https://evil" not in message.body + message.subject
    assert "http://evil" not in message.body


def test_a_service_is_told_and_its_address_lies_encrypted(alice, settings, service):
    settings.ALERT_PRIVATE_HOSTS = True
    made = channel(alice, service.address, OTHERS)
    assert "hook-secret" not in made.address
    assert decrypt(made.address) == service.address
    propose(alice, {"record_id": "a"})
    (told,) = service.received
    assert "SPY bull put" in told["title"]
    assert "/decide/" in told["message"]
    with scope(workspace=alice.workspace):
        assert AlertChannel.objects.get().error == ""
        assert Alert.objects.get().sent_at is not None


def test_a_service_that_fails_is_tried_again_and_then_given_up(alice, settings, service):
    settings.ALERT_PRIVATE_HOSTS = True
    channel(alice, service.address, OTHERS)
    service.status = 500
    propose(alice, {"record_id": "a"})
    tasks.deliver_alerts()
    assert len(service.received) == 1
    for _ in range(len(WAITS) + 2):
        with scope(workspace=alice.workspace):
            Alert.objects.filter(next_at__isnull=False).update(next_at=timezone.now())
        tasks.deliver_alerts()
    assert len(service.received) == len(WAITS) + 1
    (alert,) = alerts(alice)
    assert (alert.sent_at, alert.next_at) == (None, None)
    with scope(workspace=alice.workspace):
        assert "did not take it" in AlertChannel.objects.get().error


def test_a_private_host_is_refused_and_never_reached(alice, settings, service):
    with pytest.raises(Rejected) as refusal:
        channel(alice, service.address)
    assert "private network" in refusal.value.message
    settings.ALERT_PRIVATE_HOSTS = True
    channel(alice, service.address, OTHERS)
    # What was public when it was entered may lead elsewhere when it is used.
    settings.ALERT_PRIVATE_HOSTS = False
    propose(alice, {"record_id": "a"})
    assert service.received == []
    with scope(workspace=alice.workspace):
        assert AlertChannel.objects.get().error


@pytest.mark.parametrize(
    "address",
    [
        "", "nonsense", "file:///etc/passwd", "exec://ls", "syslog://", "mailto://u:p@example.org", "dbus://",
        "tgram://", "json://localhost/x", "ntfy://[::1]/topic", "jsons://169.254.169.254/latest", "json://0x7f000001/",
        "tgram://123456789:abcdefg_hijklmnop/1/?template=/etc/passwd", "json://[::ffff:10.0.0.1]/",
        "discord://1/2/?avatar_url=http://10.0.0.1/", "apprise://localhost/token",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(address):
    with pytest.raises(Rejected) as refusal:
        check_address(address)
    assert refusal.value.fields["address"]


@pytest.mark.parametrize(
    ("address", "service"),
    [
        (f"twilio://AC{'a' * 32}:{'b' * 32}@+15551230000/+15551231111", "Twilio (SMS)"),
        (f"vonage://ACabcdef01:{'b' * 16}@15551230000/15551231111", "Vonage (SMS)"),
        (f"clicksend://user:{'p' * 36}@+15551231111", "ClickSend (SMS)"),
        (f"sinch://{'a' * 32}:{'b' * 32}@+15551230000/+15551231111", "Sinch (SMS)"),
        ("d7sms://token@15551231111", "D7 Networks (SMS)"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/", "Slack"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "Discord"),
    ],
)
def test_messengers_and_sms_services_that_are_known(address, service):
    assert check_address(address) == service


def test_an_sms_has_as_many_whole_lines_as_fit():
    messenger = read_address(f"twilio://AC{'a' * 32}:{'b' * 32}@+15551230000/+15551231111")
    lines = "\n".join(f"line {number} of twenty characters" for number in range(20))
    fitted = _fitting(Message("Fillbook: Guard fired", lines), messenger)
    assert len("Fillbook: Guard fired") + len(fitted) < 160
    assert fitted.startswith("line 0 of twenty characters\nline 1")
    assert fitted.endswith("characters…")
    assert _fitting(Message("Short", "one"), messenger) == "one"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "224.0.0.1", "100.64.0.1", "0.0.0.0"])  # fmt: skip
def test_hosts_that_are_not_public(host):
    assert not is_public(host)


def test_nothing_private_is_connected_to_within_the_guard_and_all_of_it_after(service):
    url = f"http://127.0.0.1:{service.server_port}/"
    with only_public(), pytest.raises(requests.ConnectionError):
        requests.post(url, json={}, timeout=5)
    assert service.received == []
    assert requests.post(url, json={}, timeout=5).status_code == 200


def test_no_thread_opens_the_way_that_another_has_closed(service):
    """The first one to leave leaves the check to those who stay."""
    url = f"http://127.0.0.1:{service.server_port}/"
    first, second = only_public(), only_public()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    with pytest.raises(requests.ConnectionError):
        requests.post(url, json={}, timeout=5)
    second.__exit__(None, None, None)
    assert requests.post(url, json={}, timeout=5).status_code == 200


def test_mail_needs_a_server_and_channels_have_a_limit(alice, settings):
    settings.EMAIL_HOST = ""
    with pytest.raises(Rejected, match="No mail server"):
        by_mail(alice)
    settings.EMAIL_HOST = "mail.example.org"
    for _ in range(CHANNELS_MAX):
        by_mail(alice)
    with pytest.raises(Conflict):
        by_mail(alice)


def test_the_audit_trail_knows_no_address(alice, settings, service):
    settings.ALERT_PRIVATE_HOSTS = True
    made = channel(alice, service.address)
    names = {field.name for field in made.events.model._meta.get_fields()}
    assert "name" in names
    assert "address" not in names
