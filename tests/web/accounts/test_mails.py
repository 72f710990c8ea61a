"""Every mail about an account, as the flow that sends it writes it."""

import hashlib
import json
import os
import re
from pathlib import Path

import allauth
import pytest
from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from accounts.models import User
from tests import people
from tests.web.accounts.test_sign_in import SIGN_UP, code_of, confirm, sign_in

pytestmark = pytest.mark.django_db

ALICE = "alice@example.org"
NEW = "a new long password"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
# What allauth has words for and this version never sends, or only with sign-in or reset by code, which are off.
NEVER_SENT = {"email_confirm", "login_code", "password_reset_code"}
# Words of allauth's own templates.
THEIRS = (
    "Hello from",
    "Thank you for using",
    "You are receiving",
    "You're receiving",
    "Please",
    "!",
)


@pytest.fixture
def notices(settings):
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True


@pytest.fixture
def alice():
    people.alice()
    client = Client(headers={"user-agent": FIREFOX})
    sign_in(client)
    confirm(client)
    return client


def the_mail(*, to: str = ALICE, subject: str):
    """The text of the one mail of that subject, checked for what all of them have in common."""
    (found,) = [one for one in mail.outbox if one.subject == f"[Fillbook] {subject}"]
    assert found.to == [to]
    assert not found.alternatives
    assert found.body.endswith("\n--\nFillbook at http://testserver")
    assert "\n\n\n" not in found.body
    assert "&" not in found.body
    assert [word for word in THEIRS if word in found.body] == []
    return found.body


def the_notice(**about) -> str:
    text = the_mail(**about)
    assert re.search(
        r"^When: \d{4}-\d\d-\d\d \d\d:\d\d UTC\nFrom: Firefox on Linux, address 127.0.0.1$",
        text,
        re.MULTILINE,
    )
    assert "http://testserver/settings/security" in text
    return text.split("\n")[0]


def test_signing_up_is_confirmed_by_a_code(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
    client.post("/account/signup/", SIGN_UP)
    text = the_mail(subject="Confirm your address")
    assert f"to confirm that {ALICE} is yours:\n\n" in text
    code = re.search(r"\n\n([A-Z0-9-]{6,9})\n\n", text)[1]
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert EmailAddress.objects.get().verified


def test_an_address_is_confirmed_by_a_link_where_codes_are_off(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = False
    client.post("/account/signup/", SIGN_UP)
    text = the_mail(subject="Confirm your address")
    path = re.search(r"\n\nhttp://testserver(/account/confirm-email/\S+)\n\n", text)[1]
    client.post(path)
    assert EmailAddress.objects.get().verified


def test_whoever_signs_up_twice_is_told_by_mail(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    people.alice()
    client.post("/account/signup/", SIGN_UP)
    text = the_mail(subject="You have an account already")
    assert "\n\nhttp://testserver/account/password/reset/\n\n" in text


def test_a_password_is_reset_by_a_link_and_the_change_is_told(notices):
    people.alice()
    client = Client(headers={"user-agent": FIREFOX})
    client.post("/account/password/reset/", {"email": ALICE})
    text = the_mail(subject="Set a new password")
    path = re.search(r"\n\nhttp://testserver(/account/password/reset/key/\S+)\n\n", text)[1]
    form = client.get(path, follow=True).request["PATH_INFO"]
    client.post(form, {"password1": NEW, "password2": NEW})
    assert User.objects.get(email=ALICE).check_password(NEW)
    assert "by a link that was mailed to you" in the_notice(subject="Your password was reset")


def test_nobody_s_address_is_answered_too(client):
    people.alice()
    client.post("/account/password/reset/", {"email": "dora@example.org"})
    text = the_mail(to="dora@example.org", subject="No account with this address")
    assert "\n\nhttp://testserver/account/signup/\n\n" in text


def test_a_change_of_the_password_is_told(alice, notices):
    change = {"oldpassword": people.PASSWORD, "password1": NEW, "password2": NEW}
    alice.post(reverse("account_change_password"), change)
    assert "was changed" in the_notice(subject="Your password was changed")


def test_a_first_password_is_told(alice, notices):
    user = User.objects.get(email=ALICE)
    user.set_unusable_password()
    user.save()
    alice.force_login(user)
    alice.post(reverse("account_set_password"), {"password1": NEW, "password2": NEW})
    assert "had none" in the_notice(subject="A password was set")


def test_a_change_of_the_address_is_told_to_the_old_one(alice, notices):
    user = User.objects.get(email=ALICE)
    alice.get(reverse("account_email"))
    EmailAddress.objects.create(user=user, email="new@example.org", verified=True)
    alice.post(reverse("account_email"), {"email": "new@example.org", "action_primary": ""})
    said = the_notice(subject="Your address was changed")
    assert f"was {ALICE} and is new@example.org now" in said
    alice.post(reverse("account_email"), {"email": ALICE, "action_remove": ""})
    said = the_notice(to="new@example.org", subject="An address was removed")
    assert f"The address {ALICE} was removed" in said


# These mails go out when the transaction of the request is over, so there must be one that ends.
@pytest.mark.django_db(transaction=True)
def test_the_second_step_coming_and_going_is_told(alice, notices):
    alice.get(reverse("mfa_activate_totp"))
    code = code_of(alice.session["mfa.totp.secret"])
    alice.post(reverse("mfa_activate_totp"), {"code": code})
    assert "takes a code" in the_notice(subject="An authenticator app was added")
    alice.post(reverse("mfa_generate_recovery_codes"))
    assert "work no more" in the_notice(subject="New recovery codes")
    alice.post(reverse("mfa_deactivate_totp"))
    assert "no code" in the_notice(subject="The authenticator app was removed")


def test_a_passkey_coming_and_going_is_told(alice, notices):
    options = alice.get(reverse("mfa_add_webauthn")).context["js_data"]["creation_options"]
    credential = json.dumps(new_passkey(options["publicKey"]["challenge"]))
    alice.post(reverse("mfa_add_webauthn"), {"name": "Key", "credential": credential})
    assert "was added" in the_notice(subject="A passkey was added")
    key = Authenticator.objects.get(type="webauthn")
    alice.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert "was removed" in the_notice(subject="A passkey was removed")


def new_passkey(challenge) -> dict[str, object]:
    """What a browser sends when a security key was touched."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    attested = AttestedCredentialData.create(
        Aaguid.NONE, os.urandom(16), ES256.from_cryptography_key(key)
    )
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    place = hashlib.sha256(b"testserver").digest()
    data = AuthenticatorData.create(place, flags, 0, attested)
    client = CollectedClientData.create("webauthn.create", challenge, "http://testserver")
    name = websafe_encode(attested.credential_id)
    return {
        "id": name,
        "rawId": name,
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
        "clientExtensionResults": {},
    }


def test_no_mail_is_left_in_the_words_of_others():
    shipped = Path(allauth.__file__).parent / "templates"
    names = [path.relative_to(shipped) for path in shipped.glob("[am]*/email/*_*.txt")]
    theirs = {
        name.name.removesuffix("_message.txt").removesuffix("_subject.txt")
        for name in names
        if "allauth" in get_template(str(name)).origin.name.split("/templates/")[0]
    }
    assert len(names) > 30
    assert theirs == NEVER_SENT
    assert not app_settings.LOGIN_BY_CODE_ENABLED
    assert not app_settings.PASSWORD_RESET_BY_CODE_ENABLED
