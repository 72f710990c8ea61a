"""Links in alerts decide once, by a form, without signing in; and the page where alerts are set up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from accounts.roles import Role
from journal.models import AlertChannel, Decision, DecisionLink, DecisionRules, Recommendation
from journal.services.recommendations import asking
from journal.services.recommendations.links import make_link, revoke_links
from tests import people
from tests.captures import book
from tests.web.journal.test_recommendations import text

pytestmark = pytest.mark.django_db
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/12315544/"


@pytest.fixture
def alice():
    return people.alice()


@pytest.fixture
def link(alice):
    people.bot(alice).post(
        "/api/recommendations",
        {"record_id": "rec-1", "symbol": "SPY", "strategy": "<b>put</b>", "needs_approval": True},
    )
    book(alice.workspace)
    with scope(workspace=alice.workspace):
        return "/decide/" + make_link(Recommendation.objects.get(), alice.user)


def decisions(alice):
    with scope(workspace=alice.workspace):
        return [(one.verdict, one.via, one.user) for one in Decision.objects.all()]


def decide(client, address, verdict="approved", seen="recommended"):
    return client.post(address, {"verdict": verdict, "seen": seen, "reason": "By phone"})


def test_opening_it_decides_nothing_and_hides_the_secret(alice, link):
    client = Client()
    for _ in range(3):
        page = client.get(link, follow=True)
        assert client.head(link).status_code == 302
    address = page.redirect_chain[-1][0]
    assert link.rpartition("/")[2] not in address
    assert "&lt;b&gt;put" in page.content.decode()
    assert "You decide as alice in" in text(page)
    assert decisions(alice) == []


LEGS = [
    {"side": side, "right": "put", "strike": strike, "expiry_on": "2027-01-15", "quantity": "1"}
    for side, strike in (("sell", "540"), ("buy", "535"))
]
IN_WORDS = "sell 540 put, buy 535 put · 15 Jan 2027"


def test_whoever_is_asked_about_options_is_told_until_when_they_run(alice):
    proposal = {"record_id": "rec-2", "symbol": "SPY", "quantity": "7", "legs": LEGS}
    people.bot(alice).post("/api/recommendations", proposal, format="json")
    book(alice.workspace)
    with scope(workspace=alice.workspace):
        found = Recommendation.objects.get(record_id="rec-2")
        secret = make_link(found, alice.user)
        told = asking._part(found, "https://example.org/decide/x")
    assert f"7 · {IN_WORDS}" in text(Client().get(f"/decide/{secret}", follow=True))
    assert f"7 · {IN_WORDS}" in text(people.browser(alice).get("/recommendations"))
    assert told.splitlines()[1] == IN_WORDS


def test_a_link_that_is_over_says_so_and_leads_on(alice, link):
    with scope(workspace=alice.workspace):
        revoke_links(alice.workspace.pk, user_id=alice.user_id)
    for address in (link, f"{link}cut"):
        page = Client().get(address)
        assert page.status_code == 404
        assert "This link does not work any more" in text(page)
        assert 'href="/recommendations"' in page.content.decode()


def test_the_form_decides_once_in_the_name_of_who_was_asked(alice, link):
    client = Client(enforce_csrf_checks=False)
    address = client.get(link).url
    done = decide(client, address)
    assert "Approved" in text(done)
    assert decisions(alice) == [("approved", "link", alice.user_id)]
    assert decide(client, address, "rejected", "approved").status_code == 404
    assert client.get(link).status_code == 404
    assert decisions(alice) == [("approved", "link", alice.user_id)]


def test_the_form_wants_its_token_against_forgery(alice, link):
    client = Client(enforce_csrf_checks=True)
    address = client.get(link).url
    assert decide(client, address).status_code == 403
    assert decisions(alice) == []


def test_a_post_to_the_link_itself_decides_nothing(alice, link):
    assert Client().post(link, {"verdict": "approved"}).status_code == 405
    assert decisions(alice) == []


def test_who_was_not_first_is_told_and_may_still_decide(alice, link):
    client = Client()
    address = client.get(link).url
    people.bot(alice).post("/api/recommendations/rec-1/decisions", {"verdict": "rejected"})
    late = decide(client, address)
    assert late.status_code == 409
    assert "decided meanwhile" in text(late)
    assert decide(client, address, seen="rejected").status_code == 200
    assert [one[0] for one in decisions(alice)] == ["rejected", "approved"]


def end_expired(alice):
    DecisionLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def end_revoked(alice):
    revoke_links(alice.workspace.pk, user_id=alice.user_id)


def end_membership(alice):
    alice.user.is_active = False
    alice.user.save()


def end_role(alice):
    people.add_member(people.person("zoe@example.org"), workspace=alice.workspace, role=Role.OWNER)
    alice.role = Role.VIEWER
    alice.save()


@pytest.mark.parametrize("end", [end_expired, end_revoked, end_membership, end_role])
def test_a_link_ends(alice, link, end):
    client = Client()
    address = client.get(link).url
    with scope(workspace=alice.workspace):
        end(alice)
    assert decide(client, address).status_code == 404
    assert Client().get(link).status_code == 404
    assert decisions(alice) == []


def test_another_browser_does_not_know_the_opened_link(alice, link):
    address = Client().get(link).url
    assert Client().get(address).status_code == 404


def test_a_wrong_secret_is_nobody_s(link):
    assert Client().get(f"{link[:-1]}x").status_code == 404


# -- where one is told ----------------------------------------------------------------------------


def test_a_channel_is_made_paused_tested_and_removed(alice):
    client = people.browser(alice)
    assert "Nobody tells you anything yet" in text(client.get("/settings/alerts"))
    made = client.post(
        "/settings/alerts",
        {"kind": "service", "address": TELEGRAM, "name": "", "topics": ["approvals"]},
        follow=True,
    )
    assert "Telegram" in text(made)
    assert "abcdefg" not in made.content.decode()
    with scope(workspace=alice.workspace):
        channel = AlertChannel.objects.get()
    assert "Paused" in text(client.post(f"/settings/alerts/{channel.pk}/pause", follow=True))
    assert "on its way" in text(client.post(f"/settings/alerts/{channel.pk}/test", follow=True))
    client.post(f"/settings/alerts/{channel.pk}/remove")
    with scope(workspace=alice.workspace):
        assert not AlertChannel.objects.exists()


def test_a_bad_address_is_said_beside_its_field_and_not_kept(alice):
    answer = people.browser(alice).post(
        "/settings/alerts",
        {"kind": "service", "address": "file:///etc/passwd", "topics": ["approvals"]},
    )
    assert answer.status_code == 422
    assert "no address of a service that is known" in text(answer)


def test_channels_of_others_in_the_workspace_are_not_one_s_own(alice):
    bob = people.bob(alice.workspace, role=Role.TRADER)
    client = people.browser(bob)
    client.post(
        "/settings/alerts", {"kind": "service", "address": TELEGRAM, "topics": ["approvals"]}
    )
    with scope(workspace=alice.workspace):
        channel = AlertChannel.objects.get()
    mine = people.browser(alice)
    assert "Nobody tells you anything yet" in text(mine.get("/settings/alerts"))
    for what in ("test", "pause", "remove"):
        assert mine.post(f"/settings/alerts/{channel.pk}/{what}").status_code == 404


def test_owners_change_how_long_the_workspace_waits(alice):
    client = people.browser(alice)
    client.post("/settings/alerts/rules", {"ignored_after_hours": "", "link_hours": "48"})
    with scope(workspace=alice.workspace):
        rules = DecisionRules.objects.get()
    assert (rules.ignored_after_hours, rules.link_hours) == (None, 48)
    bob = people.browser(people.bob(alice.workspace, role=Role.TRADER))
    assert bob.post("/settings/alerts/rules", {"link_hours": "1"}).status_code == 403
