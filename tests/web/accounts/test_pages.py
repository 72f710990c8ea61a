"""The pages about oneself and one's workspace, as each of the three people sees them."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from accounts.models import ApiToken, Invitation, Membership, User
from accounts.roles import Role
from accounts.services.invitations import invite
from accounts.services.people import create_user
from accounts.services.tokens import revoke_token
from journal.models import BrokerAccount
from journal.services.erasure import erase_account
from tests import people

pytestmark = pytest.mark.django_db

PAGES = ["settings", "security", "tokens", "members"]


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_to_the_installation_is_sent_to_sign_in(name):
    people.alice()
    response = Client().get(reverse(f"accounts:{name}"))
    assert response.status_code == 302
    assert response.url.startswith("/account/login/?next=/settings")


@pytest.mark.parametrize("name", PAGES)
def test_a_viewer_sees_the_settings(name):
    who = people.everybody()
    assert people.browser(who.bob).get(reverse(f"accounts:{name}")).status_code == 200


def test_a_person_without_a_workspace_is_offered_to_create_one():
    user = create_user("lonely@example.org", password=people.PASSWORD)
    client = Client()
    client.force_login(user)
    response = client.get("/settings/tokens", follow=True)
    assert response.redirect_chain == [("/workspaces/new", 302)]
    client.post("/workspaces/new", {"name": "Swing", "base_currency": "eur"})
    membership = Membership.objects.get(user=user)
    assert (membership.role, membership.workspace.base_currency) == ("owner", "EUR")
    assert client.get("/settings/tokens").status_code == 200


@pytest.mark.parametrize("path", ["/", "/trades", "/settings"])
def test_an_installation_without_anybody_asks_the_first_person_to_sign_up(path):
    assert Client().get(path).url == "/account/signup/"
    people.alice()
    assert Client().get(path).url == f"/account/login/?next={path}"


def test_a_fragment_is_never_filled_with_the_sign_in_page():
    people.alice()
    response = Client().get("/settings", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"].startswith("/account/login/")
    assert response.content == b""


def test_preferences_are_saved():
    who = people.everybody()
    response = people.browser(who.alice).post(
        "/settings",
        {"name": "Alice", "zone": "Europe/Berlin", "theme": "dark", "locale": "de-DE"},
    )
    assert response.status_code == 302
    user = User.objects.get(pk=who.alice.user_id)
    assert (user.name, user.zone, user.theme) == ("Alice", "Europe/Berlin", "dark")
    assert user.locale == "de-DE"


def test_an_unknown_time_zone_is_refused_with_the_form():
    who = people.everybody()
    response = people.browser(who.alice).post(
        "/settings", {"zone": "Mars/Olympus", "theme": "dark", "locale": "de-DE"}
    )
    assert response.status_code == 422
    assert User.objects.get(pk=who.alice.user_id).zone == "UTC"


def test_a_token_is_shown_once_and_stored_only_as_a_hash():
    who = people.everybody()
    client = people.browser(who.alice)
    response = client.post("/settings/tokens", {"name": "Bot", "scopes": ["journal:read"]})
    assert response.status_code == 201
    assert "no-store" in response.headers["Cache-Control"]
    text = re.search(r"fb_[0-9a-f]{64}", response.content.decode()).group()
    token = ApiToken.objects.get()
    assert text not in {str(value) for value in vars(token).values()}
    assert text not in client.get("/settings/tokens").content.decode()
    assert text not in str(client.session.items())


def test_a_token_for_one_account_is_made_on_the_page():
    who = people.everybody()
    account = BrokerAccount.objects.create(
        workspace=who.workspace, broker="ibkr", broker_id="U7654321"
    )
    client = people.browser(who.alice)
    assert "U7654321" in client.get("/settings/tokens").content.decode()
    form = {"name": "Bot", "scopes": ["journal:read"], "account": account.pk}
    assert client.post("/settings/tokens", form).status_code == 201
    assert ApiToken.objects.get().account_id == account.pk
    assert client.post("/settings/tokens", {**form, "account": 987654321}).status_code == 422


def test_every_list_of_tokens_names_the_account_that_one_is_bound_to():
    who = people.everybody()
    account = BrokerAccount.objects.create(
        workspace=who.workspace, broker="ibkr", broker_id="U7654321", name="Long term"
    )
    for whose in (who.alice, who.bob):
        people.token(whose, account_id=account.pk)
    revoked, _ = people.token(who.alice, account_id=account.pk)
    people.token(who.alice)
    revoke_token(revoked)
    client = people.browser(who.alice)
    page = client.get("/settings/tokens").content.decode()
    assert page.count("only Long term (U7654321)") == 3
    with scope(workspace=who.workspace):
        erase_account(account)
    page = client.get("/settings/tokens").content.decode()
    # Its tokens ended with it; of those that ended, one sees one's own.
    assert page.count("only an account that was erased") == 2


def test_a_viewer_cannot_give_a_token_more_than_they_may():
    who = people.everybody()
    response = people.browser(who.bob).post(
        "/settings/tokens", {"name": "Bot", "scopes": ["journal:write"]}
    )
    assert response.status_code == 422
    assert not ApiToken.objects.exists()


def test_one_revokes_ones_own_tokens_and_owners_those_of_others():
    who = people.everybody()
    of_alice, _ = people.token(who.alice)
    of_bob, _ = people.token(who.bob)
    url = "/settings/tokens/{}/revoke"
    assert people.browser(who.bob).post(url.format(of_alice.pk)).status_code == 404
    assert people.browser(who.charlie).post(url.format(of_bob.pk)).status_code == 404
    assert people.browser(who.alice).post(url.format(of_bob.pk)).status_code == 302
    of_alice.refresh_from_db()
    of_bob.refresh_from_db()
    assert of_alice.revoked_at is None
    assert of_bob.revoked_at is not None


def test_only_owners_invite():
    who = people.everybody(bob_as=Role.TRADER)
    data = {"email": "dora@example.org", "role": "viewer"}
    assert people.browser(who.bob).post("/settings/members", data).status_code == 403
    response = people.browser(who.alice).post("/settings/members", data)
    assert response.status_code == 201
    assert Invitation.objects.get().workspace == who.workspace
    assert mail.outbox == []  # no EMAIL_HOST: the owner passes the link on


def test_the_invited_are_mailed_when_mail_is_set_up(settings):
    settings.EMAIL_HOST = "mail.example.org"
    who = people.everybody()
    data = {"email": "dora@example.org", "role": "viewer"}
    page = people.browser(who.alice).post("/settings/members", data).content.decode()
    link = re.search(r"http://\S+/people/invitations/[\w-]+", mail.outbox[0].body).group()
    assert mail.outbox[0].to == ["dora@example.org"]
    assert link in page


def test_the_invited_sign_up_into_the_workspace():
    who = people.everybody()
    _, token = invite(who.workspace, email="dora@example.org", role=Role.TRADER)
    client = Client()
    response = client.get(f"/people/invitations/{token}", follow=True)
    assert token not in response.request["PATH_INFO"]
    assert "dora@example.org" in response.content.decode()
    client.post(
        "/account/signup/",
        {
            "email": "dora@example.org",
            "password1": people.PASSWORD,
            "password2": people.PASSWORD,
        },
    )
    membership = Membership.objects.get(user__email="dora@example.org")
    assert (membership.workspace, membership.role) == (who.workspace, "trader")


def test_an_invitation_is_for_one_address():
    who = people.everybody()
    _, token = invite(who.workspace, email="dora@example.org", role=Role.TRADER)
    client = people.browser(who.charlie)
    client.get(f"/people/invitations/{token}")
    assert client.post("/people/invitation").status_code == 403
    assert not Membership.objects.filter(user=who.charlie.user, workspace=who.workspace).exists()


def test_an_unknown_invitation_is_a_sentence():
    response = Client().get("/people/invitations/nonsense", follow=True)
    assert response.status_code == 404
    assert "Ask for a new one" in response.content.decode()


def test_an_owner_changes_roles_and_removes_people():
    who = people.everybody()
    alice, bob = people.browser(who.alice), people.browser(who.bob)
    alice.post(f"/settings/members/{who.bob.pk}/role", {"role": "trader"})
    assert Membership.objects.get(pk=who.bob.pk).role == "trader"
    assert bob.post(f"/settings/members/{who.alice.pk}/role", {"role": "viewer"}).status_code == 403
    url = f"/settings/members/{who.bob.pk}"
    assert people.browser(who.charlie).post(f"{url}/remove").status_code == 404
    alice.post(f"{url}/remove")
    assert not Membership.objects.filter(pk=who.bob.pk).exists()


def test_the_last_owner_cannot_leave():
    who = people.everybody()
    response = people.browser(who.alice).post("/settings/members/leave")
    assert response.status_code == 409
    assert Membership.objects.filter(pk=who.alice.pk).exists()


def test_switching_is_only_between_ones_own_workspaces():
    who = people.everybody()
    client = people.browser(who.alice)
    assert client.post(f"/workspaces/{who.charlie.workspace_id}/switch").status_code == 404
    client.post("/workspaces/new", {"name": "Second", "base_currency": "USD"})
    assert "of Second" in client.get("/settings/members").content.decode()
    assert client.get(f"/workspaces/{who.alice.workspace_id}/switch").status_code == 405
    client.post(f"/workspaces/{who.alice.workspace_id}/switch")
    assert "of Alice’s journal" in client.get("/settings/members").content.decode()


def test_only_owners_name_the_workspace():
    who = people.everybody(bob_as=Role.TRADER)
    data = {"name": "Renamed", "base_currency": "CHF"}
    assert people.browser(who.bob).post("/settings/workspace", data).status_code == 403
    assert people.browser(who.alice).post("/settings/workspace", data).status_code == 302
    who.workspace.refresh_from_db()
    assert (who.workspace.name, who.workspace.base_currency) == ("Renamed", "CHF")


def test_pages_besides_the_navigation_are_led_to():
    who = people.everybody()
    alice, bob = people.browser(who.alice), people.browser(who.bob)
    User.objects.filter(pk=who.alice.user_id).update(is_staff=True)
    assert 'href="/corrections"' in alice.get("/issues").content.decode()
    assert 'href="/api/docs"' in alice.get("/settings/tokens").content.decode()
    assert 'href="/admin/"' in alice.get("/settings").content.decode()
    assert 'href="/admin/"' not in bob.get("/settings").content.decode()
