"""Signing up, in and out, the second step, and every page of it in our frame."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from tests import people

pytestmark = pytest.mark.django_db

SIGN_UP = {
    "name": "Alice",
    "email": "Alice@Example.org",
    "password1": people.PASSWORD,
    "password2": people.PASSWORD,
    "zone": "Europe/Berlin",
}


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30))


def sign_in(client, email="alice@example.org"):
    return client.post("/account/login/", {"login": email, "password": people.PASSWORD})


def confirm(client):
    """Before anything about the second step changes, the password is asked for again."""
    return client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})


def test_the_first_person_signs_up_and_is_in(client):
    assert "administer this installation" in client.get("/account/signup/").content.decode()
    response = client.post("/account/signup/", SIGN_UP)
    assert (response.status_code, response.url) == (302, "/")
    user = User.objects.get()
    assert (user.email, user.name, user.zone) == ("alice@example.org", "Alice", "Europe/Berlin")
    assert user.is_superuser
    assert Membership.objects.get().role == "owner"
    assert client.get("/settings").status_code == 200


def test_a_zone_that_no_browser_has_becomes_utc(client):
    client.post("/account/signup/", {**SIGN_UP, "zone": "<script>"})
    assert User.objects.get().zone == "UTC"


def test_an_address_that_is_taken_is_not_told_to_strangers(client, settings):
    people.alice()
    response = client.post("/account/signup/", SIGN_UP)
    assert User.objects.count() == 1
    assert response.status_code in {200, 302}
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("policy", ["closed", "invited"])
def test_closed_sign_up_says_so(client, settings, policy):
    people.alice()
    settings.ACCOUNTS_SIGNUP_OPEN = policy
    assert "Sign-up is closed" in client.get("/account/signup/").content.decode()
    client.post("/account/signup/", {**SIGN_UP, "email": "new@example.org"})
    assert User.objects.count() == 1


def test_sign_in_does_not_mind_the_case_of_letters(client):
    people.alice()
    assert sign_in(client, "ALICE@example.org").status_code == 302
    assert client.get("/settings").status_code == 200
    client.post("/account/logout/")
    assert client.get("/settings").status_code == 302


def test_a_wrong_password_is_one_sentence(client):
    people.alice()
    response = client.post("/account/login/", {"login": "alice@example.org", "password": "wrong"})
    assert response.status_code == 200
    assert "not correct" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_forgotten_password_is_reset_by_mail(client):
    people.alice()
    client.post("/account/password/reset/", {"email": "alice@example.org"})
    path = re.search(r"http://testserver(/account/password/reset/key/\S+)", mail.outbox[0].body)
    form = client.get(path.group(1), follow=True)
    url = form.request["PATH_INFO"]
    client.post(url, {"password1": "a new long password", "password2": "a new long password"})
    assert User.objects.get(email="alice@example.org").check_password("a new long password")


def test_with_mail_an_address_is_verified_by_a_code(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
    response = client.post("/account/signup/", SIGN_UP, follow=True)
    assert client.get("/settings").status_code == 302
    assert_is_ours(response.content.decode())
    code = re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", mail.outbox[0].body, re.MULTILINE).group(1)
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert client.get("/settings").status_code == 200


def test_an_authenticator_app_becomes_the_second_step():
    who = people.everybody()
    client = Client()
    sign_in(client)
    assert client.get(reverse("mfa_activate_totp")).url.startswith("/account/reauthenticate/")
    confirm(client)
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    kept = Authenticator.objects.get(user=who.alice.user, type="totp")
    assert secret not in str(kept.data)
    client.post("/account/logout/")

    response = sign_in(client)
    assert response.url == reverse("mfa_authenticate")
    assert client.get("/settings").status_code == 302
    codes = Authenticator.objects.get(user=who.alice.user, type="recovery_codes")
    code = codes.wrap().get_unused_codes()[0]
    assert code not in str(codes.data)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get("/settings").status_code == 200


def test_the_admin_is_entered_through_our_sign_in_with_its_second_step():
    who = people.everybody()
    response = Client().get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/account/login/")
    assert people.browser(who.alice).get("/admin/", follow=True).status_code == 403
    admin = Client()
    admin.force_login(User.objects.get(email="admin@example.org"))
    assert admin.get("/admin/").status_code == 200
    token, _ = people.token(who.alice)
    for page in ("user", "workspace", "membership", "invitation", "apitoken"):
        assert admin.get(f"/admin/accounts/{page}/").status_code == 200
    shown = admin.get(f"/admin/accounts/apitoken/{token.pk}/change/").content.decode()
    assert token.digest not in shown
    assert token.token_key in shown
    assert admin.get(f"/admin/accounts/user/{who.alice.user_id}/change/").status_code == 200
    assert admin.get("/admin/accounts/user/add/").status_code == 200


SIGNED_OUT = ["account_login", "account_signup", "account_reset_password", "account_inactive"]
SIGNED_OUT += ["account_reset_password_done", "account_reset_password_from_key_done"]
SIGNED_IN = ["account_logout", "account_email", "account_change_password", "mfa_index"]
SIGNED_IN += ["mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn", "usersessions_list"]
SIGNED_IN += ["account_reauthenticate"]


@pytest.mark.parametrize("name", SIGNED_OUT)
def test_pages_for_everybody_are_in_our_frame(client, name):
    page = client.get(reverse(name)).content.decode()
    assert 'class="plain"' in page
    assert_is_ours(page)


@pytest.mark.parametrize("name", SIGNED_IN)
def test_pages_for_the_signed_in_are_in_our_frame(name):
    people.everybody()
    client = Client()
    sign_in(client)
    confirm(client)
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert_is_ours(response.content.decode())


@pytest.mark.parametrize(
    "name", ["account_change_password", "account_email", "account_reauthenticate"]
)
def test_a_label_is_not_said_twice_and_a_rule_in_one_sentence(name):
    people.everybody()
    client = Client()
    sign_in(client)
    confirm(client)
    page = client.get(reverse(name)).content.decode()
    assert 'type="password"' in page or 'type="email"' in page
    assert "placeholder" not in page
    assert "similar to your other" not in page


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mfa_index", "Second step"),
        ("mfa_activate_totp", "Set up an authenticator app"),
        ("mfa_add_webauthn", "Add a passkey"),
        ("mfa_list_webauthn", "Passkeys"),
        ("account_change_password", "Change the password"),
        ("usersessions_list", "Sessions"),
    ],
)
def test_pages_of_signing_in_speak_our_words(name, words):
    people.everybody()
    client = Client()
    sign_in(client)
    confirm(client)
    page = client.get(reverse(name)).content.decode()
    assert f"<h2>{words}</h2>" in page
    said = re.sub(r"<[^>]+>", " ", page)
    assert not re.search(
        "Authenticator App|Security Key|Two-Factor|Master key|Passwordless", said + page
    )


@pytest.mark.parametrize("name", ["account_reset_password", "account_reset_password_done"])
def test_nobody_is_told_to_wait_for_mail_that_is_never_sent(client, settings, name):
    people.everybody()
    for host, is_promised in (("", False), ("mail.example.org", True)):
        settings.EMAIL_HOST = host
        page = client.get(reverse(name)).content.decode()
        assert ("manage.py changepassword" in page) is not is_promised
        assert bool(re.search("is on its way|Send the link", page)) is is_promised


def test_the_only_address_is_not_offered_for_removal():
    people.everybody()
    client = Client()
    sign_in(client)
    page = client.get(reverse("account_email")).content.decode()
    assert "action_add" in page
    assert "action_remove" not in page
    assert "action_send" not in page


def assert_is_ours(page):
    """Our stylesheets, one h1, a title, and no script but those served as files."""
    assert "css/components" in page
    assert "<strong>Menu:</strong>" not in page
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert re.search(r"<title>\s*\S", page)
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", page)
    assert inline == []
