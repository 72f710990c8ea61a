"""Channels and their messages, webhooks and their deliveries: on their pages and over the API, for whom they are."""

from __future__ import annotations

import re
from datetime import time

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.roles import Role
from journal.models import Alert, AlertChannel, IdempotentRequest, WebhookDelivery, WebhookEndpoint
from journal.services.alerts.channels import create_channel
from journal.services.alerts.telling import News, tell
from journal.services.webhooks.emitting import Happening, emit
from tests import people

pytestmark = pytest.mark.django_db
WEBHOOK = {"address": "https://1.1.1.1/hook?zsecret", "name": "Bot", "events": ["guard.fired", "lock.began"]}  # fmt: skip


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.TRADER)


@pytest.fixture
def channel(who, settings):
    settings.EMAIL_HOST = "mail.example.org"
    with scope(workspace=who.workspace):
        return create_channel(
            who.alice, kind="email", name="Post", address="", topics=["guards", "feed"]
        )


def told(who, **values):
    tell(News("guards", who.workspace.pk, None, "g", "Drawdown guard fired", url_path="/reconciliation/guards/1"))  # fmt: skip
    with scope(workspace=who.workspace):
        Alert.objects.update(**values)
        return Alert.objects.get()


def test_quiet_hours_and_topics_are_changed_on_the_page_of_the_channel(who, channel):
    client = people.browser(who.alice)
    page = client.get(f"/settings/alerts/{channel.pk}")
    assert "Nothing in the last 30 days" in page.content.decode()
    form = {"name": "Post", "topics": ["closing"], "quiet_from": "22:00", "quiet_until": "07:30"}
    assert client.post(f"/settings/alerts/{channel.pk}", form).status_code == 303
    channel.refresh_from_db()
    assert (channel.topics, channel.quiet_from, channel.quiet_until) == (["closing"], time(22), time(7, 30))  # fmt: skip
    page = client.get("/settings/alerts").content.decode()
    assert "quiet 22:00–07:30" in page
    assert "Positions that the system closes" in page


def test_half_of_quiet_hours_is_told_where_it_is(who, channel):
    form = {"name": "Post", "topics": ["closing"], "quiet_from": "22:00", "quiet_until": ""}
    answer = people.browser(who.alice).post(f"/settings/alerts/{channel.pk}", form)
    assert answer.status_code == 422
    assert "give both, or neither" in answer.content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Waits"),
        ({"is_held": True}, "Quiet hours"),
        ({"attempts": 2, "note": "Its service failed."}, "tried 2 times"),
        ({"sent_at": timezone.now(), "next_at": None}, "Sent"),
        ({"attempts": 5, "next_at": None, "note": "Its service failed."}, "after 5 tries"),
    ],
)
def test_the_way_of_a_message_is_shown(who, channel, values, words):
    told(who, **values)
    page = people.browser(who.alice).get(f"/settings/alerts/{channel.pk}").content.decode()
    assert "Drawdown guard fired" in page
    assert words in page
    assert ("Try again" in page) == (values.get("attempts") == 5)


def test_what_was_given_up_is_tried_again_by_a_button_and_nothing_else(who, channel):
    client = people.browser(who.alice)
    alert = told(who, attempts=5, next_at=None, note="x")
    client.post(f"/settings/alerts/messages/{alert.pk}/retry")
    alert.refresh_from_db()
    assert (alert.attempts, alert.note) == (0, "")
    assert alert.next_at is not None
    page = client.post(f"/settings/alerts/messages/{alert.pk}/retry", follow=True)
    assert "Only what was given up" in page.content.decode()


def test_nobody_sees_the_channels_of_another_member(who, channel):
    alert = told(who, attempts=5, next_at=None)
    bob = people.browser(who.bob)
    assert bob.get(f"/settings/alerts/{channel.pk}").status_code == 404
    assert bob.post(f"/settings/alerts/messages/{alert.pk}/retry").status_code == 404
    bot = people.bot(who.bob)
    assert bot.get("/api/alerts").json()["results"] == []
    assert bot.get("/api/alerts/channels").json()["results"] == []
    assert bot.post(f"/api/alerts/{alert.pk}/retry").status_code == 404
    assert bot.post(f"/api/alerts/channels/{channel.pk}/test").status_code == 404


def test_the_api_tells_channels_and_the_way_of_messages(who, channel):
    alert = told(who, attempts=5, next_at=None, note="Its service failed.")
    bot = people.bot(who.alice)
    (one,) = bot.get("/api/alerts/channels").json()["results"]
    assert (one["name"], one["topics"]) == ("Post", ["guards", "feed"])
    assert "address" not in one
    (told_one,) = bot.get("/api/alerts").json()["results"]
    assert (told_one["state"], told_one["attempts"], told_one["note"]) == ("given_up", 5, "Its service failed.")  # fmt: skip
    answer = bot.post(f"/api/alerts/{alert.pk}/retry")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert bot.post(f"/api/alerts/{alert.pk}/retry").status_code == 409
    assert bot.post(f"/api/alerts/channels/{channel.pk}/test").status_code == 202
    assert bot.get("/api/alerts").json()["results"][0]["topic"] == "test"


def test_a_webhook_is_made_shown_its_secret_once_and_lives_on_its_page(who):
    client = people.browser(who.alice)
    made = client.post("/settings/webhooks", WEBHOOK)
    assert made.status_code == 201
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", made.content.decode()).group()
    with scope(workspace=who.workspace):
        endpoint = WebhookEndpoint.objects.get()
        emit(who.workspace.pk, [Happening("guard.fired", None, {})])
    page = client.get(f"/settings/webhooks/{endpoint.pk}").content.decode()
    assert secret not in page
    assert "zsecret" not in page
    assert "guard.fired" in page
    assert "1.1.1.1" in client.get("/settings/webhooks").content.decode()
    renewed = client.post(f"/settings/webhooks/{endpoint.pk}/secret").content.decode()
    assert "whsec_" in renewed
    assert secret not in renewed


def test_a_webhook_is_changed_paused_tested_and_removed(who):
    client = people.browser(who.alice)
    client.post("/settings/webhooks", WEBHOOK)
    with scope(workspace=who.workspace):
        endpoint = WebhookEndpoint.objects.get()
    address = f"/settings/webhooks/{endpoint.pk}"
    client.post(address, {"name": "Other", "address": "", "events": ["trade.closed"]})
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.host, endpoint.wanted) == ("Other", "1.1.1.1", ["trade.closed"])
    client.post(f"{address}/test")
    with scope(workspace=who.workspace):
        delivery = WebhookDelivery.objects.get()
        WebhookDelivery.objects.update(next_at=None, attempts=10)
    assert "Send again" in client.get(address).content.decode()
    client.post(f"/settings/webhooks/deliveries/{delivery.pk}/again")
    with scope(workspace=who.workspace):
        assert WebhookDelivery.objects.count() == 2
    client.post(f"{address}/pause")
    assert "Switch on" in client.get(address).content.decode()
    assert client.post(f"/settings/webhooks/deliveries/{delivery.pk}/again").status_code == 409
    client.post(f"{address}/remove")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["http://example.org/", "https://127.0.0.1/", "nonsense"])
def test_a_bad_address_is_told_at_its_field(who, address):
    answer = people.browser(who.alice).post("/settings/webhooks", {**WEBHOOK, "address": address})
    assert answer.status_code == 422
    assert "field__errors" in answer.content.decode()


def test_only_owners_have_to_do_with_webhooks(who):
    client, bot = people.browser(who.bob), people.bot(who.bob)
    people.browser(who.alice).post("/settings/webhooks", WEBHOOK)
    with scope(workspace=who.workspace):
        endpoint = WebhookEndpoint.objects.get()
    assert client.get("/settings/webhooks").status_code == 403
    assert client.post("/settings/webhooks", WEBHOOK).status_code == 403
    assert "Webhooks" not in client.get("/settings").content.decode()
    for step in ("", "/test", "/pause", "/secret", "/remove"):
        assert client.post(f"/settings/webhooks/{endpoint.pk}{step}").status_code == 403
    assert bot.get("/api/webhooks").status_code == 403
    assert bot.post("/api/webhooks", WEBHOOK).status_code == 403
    assert bot.post(f"/api/webhooks/{endpoint.pk}/secret").status_code == 403
    assert bot.get(f"/api/webhooks/{endpoint.pk}/deliveries").status_code == 403


def test_the_api_manages_webhooks_and_keeps_no_secret(who):
    bot = people.bot(who.alice)
    key = {"HTTP_IDEMPOTENCY_KEY": "k1"}
    made = bot.post("/api/webhooks", WEBHOOK, **key)
    assert made.status_code == 201
    secret, pk = made.json()["secret"], made.json()["id"]
    assert secret.startswith("whsec_")
    again = bot.post("/api/webhooks", WEBHOOK, **key)
    assert (again.json()["id"], again.json()["secret"]) == (pk, None)
    with scope(workspace=who.workspace):
        kept = IdempotentRequest.objects.get()
        assert secret not in str(kept.body)
        assert WebhookEndpoint.objects.count() == 1
    shown = bot.get(f"/api/webhooks/{pk}").json()
    assert (shown["secret"], shown["events"]) == (None, WEBHOOK["events"])
    assert "address" not in shown
    changed = bot.patch(f"/api/webhooks/{pk}", {"events": ["trade.closed"], "is_paused": True})
    assert (changed.json()["events"], changed.json()["is_paused"]) == (["trade.closed"], True)
    assert bot.patch(f"/api/webhooks/{pk}", {"events": ["nonsense"]}).status_code == 422
    assert bot.patch(f"/api/webhooks/{pk}", {"is_paused": False}).json()["is_paused"] is False
    assert bot.post(f"/api/webhooks/{pk}/test").json()["event"] == "test"
    (delivery,) = bot.get(f"/api/webhooks/{pk}/deliveries").json()["results"]
    assert (delivery["state"], delivery["webhook"]) == ("queued", pk)
    assert bot.post(f"/api/webhooks/deliveries/{delivery['id']}/again").status_code == 409
    assert bot.post(f"/api/webhooks/{pk}/secret").json()["secret"] not in (None, secret)
    assert bot.delete(f"/api/webhooks/{pk}").status_code == 204
    assert bot.get(f"/api/webhooks/{pk}").status_code == 404


def test_a_channel_is_made_with_quiet_hours(who, settings):
    settings.EMAIL_HOST = "mail.example.org"
    form = {"kind": "email", "name": "", "address": "", "topics": ["guards"], "quiet_from": "23:00", "quiet_until": "06:00"}  # fmt: skip
    assert people.browser(who.alice).post("/settings/alerts", form).status_code == 303
    with scope(workspace=who.workspace):
        assert AlertChannel.objects.get().quiet_until == time(6)


def test_a_messenger_needs_an_address_and_the_form_says_so(who):
    client = people.browser(who.alice)
    page = client.get("/settings/alerts").content.decode()
    assert re.search(r'for="id_address">Address</label>', page), "not called optional"
    answer = client.post("/settings/alerts", {"kind": "service", "address": "", "topics": ["guards"]})  # fmt: skip
    assert "Say where to" in answer.content.decode()
    with scope(workspace=who.workspace):
        assert not AlertChannel.objects.exists()


def test_owners_say_at_what_people_are_reminded(who):
    client = people.browser(who.alice)
    page = client.get("/settings/alerts").content.decode()
    assert 'value="50"' in page
    assert 'value="7, 1, 0"' in page
    form = {"ignored_after_hours": "", "link_hours": "24", "target_percent": "37.5", "expiry_days": "1 14, 3 3"}  # fmt: skip
    client.post("/settings/alerts/rules", form)
    page = client.get("/settings/alerts").content.decode()
    assert 'value="37.5"' in page
    assert 'value="14, 3, 1"' in page
    answer = client.post("/settings/alerts/rules", {**form, "expiry_days": "soon"}, follow=True)
    assert "whole numbers" in answer.content.decode()
    assert 'value="14, 3, 1"' in answer.content.decode()
    assert people.browser(who.bob).post("/settings/alerts/rules", form).status_code == 403
    assert (
        "14, 3, 1 days before" in people.browser(who.bob).get("/settings/alerts").content.decode()
    )
