"""What no program should send to OAuth: refused in its own shape, and nothing that was refused comes in by a side door."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from oauth2_provider.models import get_application_model

from tests import people
from tests.web.accounts.test_assistants import (
    BACK,
    VERIFIER,
    code_in,
    consent,
    exchange,
    query,
    refresh,
    register,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(settings):
    cache.clear()
    settings.ASSISTANTS_REGISTRATION = "open"
    return people.alice()


@pytest.mark.parametrize(
    "uris",
    [["http://elsewhere.example/"], ["http://localhost/ http://elsewhere.example/"], ["a:b"]],
)
def test_a_program_cannot_change_to_what_it_could_not_register(alice, uris):
    program = register().json()
    body = {
        "client_id": program["client_id"],
        "redirect_uris": uris,
        "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": "none",
    }
    answer = Client().put(
        f"/oauth/register/{program['client_id']}",
        json.dumps(body),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {program['registration_access_token']}",
    )
    assert answer.status_code == 400
    assert get_application_model().objects.get().redirect_uris == BACK


def test_nobody_is_sent_to_an_unsafe_address_however_it_came_to_be_known(alice):
    client_id = register().json()["client_id"]
    unsafe = "http://elsewhere.example/"
    get_application_model().objects.update(redirect_uris=unsafe)
    page = people.browser(alice).get("/oauth/authorize", query(client_id, redirect_uri=unsafe))
    assert page.status_code == 400


@pytest.mark.parametrize("body", ["[" * 8_000, '{"a":' * 3_000, "[]", "null", "", b"\xff"])
def test_a_registration_that_is_none_is_refused(alice, body):
    answer = Client().post("/oauth/register", body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


@pytest.mark.parametrize(
    "more",
    [{"nonce": "n" * 256}, {"code_challenge": "n" * 200}, {"client_id": "\0"}, {"client_id": "x"},
     {"resource": "http://[x"}, {"workspace": "9" * 30}, {"granted": "\0"}, {"state": "\0"}],
)  # fmt: skip
def test_a_consent_that_cannot_be_is_refused(alice, more):
    asked = query(register().json()["client_id"])
    asked |= more
    form = {"workspace": alice.workspace_id, "granted": "journal:read", "allow": "true", **asked}
    browser = people.browser(alice)
    assert browser.get("/oauth/authorize", asked).status_code < 500
    answer = browser.post(f"/oauth/authorize?{urlencode(asked)}", {**form, **more})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("bad", ["\0", "x" * 9_000, "\u20ac"])
def test_no_word_takes_the_doors_of_programs_down(alice, bad):
    client_id = register().json()["client_id"]
    for name in ("code", "client_id", "redirect_uri", "code_verifier", "resource", "scope"):
        body = {"client_id": client_id, "code": "none", "code_verifier": VERIFIER, "redirect_uri": BACK}  # fmt: skip
        grant = {"grant_type": "authorization_code", **body, name: bad}
        assert 400 <= Client().post("/oauth/token", grant).status_code < 500
    assert 400 <= refresh(client_id, bad).status_code < 500
    assert 400 <= refresh(client_id, "none", scope=bad).status_code < 500
    for body in ({"client_id": bad, "token": "x"}, {"client_id": client_id, "token": bad}):
        assert Client().post("/oauth/revoke", body).status_code < 500


def test_plain_proofs_and_more_scopes_at_a_refresh_get_nothing(alice):
    client_id = register().json()["client_id"]
    asked = query(client_id, code_challenge=VERIFIER, code_challenge_method="plain")
    form = {**asked, "workspace": alice.workspace_id, "granted": "journal:read", "allow": "true"}
    browser = people.browser(alice)
    assert browser.get("/oauth/authorize", asked).status_code == 400
    answer = browser.post(f"/oauth/authorize?{urlencode(asked)}", form)
    assert "code=" not in answer.get("Location", "")
    code = code_in(consent(alice, client_id, "journal:read"))
    tokens = exchange(client_id, code).json()
    more = refresh(client_id, tokens["refresh_token"], scope="journal:read journal:write")
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")
    assert refresh(register().json()["client_id"], tokens["refresh_token"]).status_code == 400
