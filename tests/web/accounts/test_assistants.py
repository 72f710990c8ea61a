"""Assistants let in by OAuth 2.1: from finding the door by a 401 to being shown out, as clients do it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django_scopes import scope
from oauth2_provider.models import AccessToken, get_application_model

from accounts.models import Assistant, Membership, Workspace
from accounts.roles import Role
from accounts.services.assistants import forget_expired
from accounts.services.workspaces import create_workspace
from journal.models import ToolCall, Trade, TradeNote
from tests import people
from tests.doors import ROUND_TRIP, import_now

pytestmark = pytest.mark.django_db

BACK = "https://assistant.example/callback"
HOME = "http://testserver"
RESOURCE = f"{HOME}/mcp"
VERIFIER = "a" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)
ALL = "journal:read journal:write reconciliation:read learning:read"


@pytest.fixture(autouse=True)
def nobody_has_registered_yet():
    cache.clear()


@pytest.fixture
def anyone_registers(settings):
    settings.ASSISTANTS_REGISTRATION = "open"


@pytest.fixture
def who(anyone_registers):
    return people.everybody(bob_as=Role.VIEWER)


def register(client: Client | None = None, **more: Any) -> Any:
    body = {
        "client_name": "Helpful",
        "redirect_uris": [BACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
        **more,
    }
    return (client or Client()).post(
        "/oauth/register", json.dumps(body), content_type="application/json"
    )


def query(client_id: str, **more: str) -> dict[str, str]:
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": BACK,
        "scope": ALL,
        "state": "xyz",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "resource": RESOURCE,
        **more,
    }
    return {name: value for name, value in asked.items() if value}


def consent(
    member: Membership,
    client_id: str,
    granted: str = ALL,
    workspace: Workspace | None = None,
    **more: str,
) -> Any:
    """The page as a person fills it in."""
    browser = people.browser(member)
    asked = query(client_id, **more)
    page = browser.get("/oauth/authorize", asked)
    assert page.status_code == 200, page.content.decode()[:500]
    form = {name: value for name, value in page.context["form"].initial.items() if value}
    where = workspace or member.workspace
    answer = {**form, "workspace": where.pk, "granted": granted.split(), "allow": "true"}
    return browser.post(f"/oauth/authorize?{urlencode(asked)}", answer)


def code_in(answer: Any) -> str:
    assert answer.status_code == 302, answer.content.decode()[:800]
    told = parse_qs(urlsplit(answer.url).query)
    assert told["state"] == ["xyz"]
    assert told["iss"] == [HOME]
    return told["code"][0]


def exchange(client_id: str, code: str, **more: str) -> Any:
    return Client().post(
        "/oauth/token",
        {
            "grant_type": "authorization_code",
            "client_id": client_id,
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            "resource": RESOURCE,
            **more,
        },
    )


def refresh(client_id: str, token: str, **more: str) -> Any:
    body = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": token, **more}
    return Client().post("/oauth/token", body)


def let_in(member: Membership, granted: str = ALL, **more: Any) -> tuple[str, dict[str, Any]]:
    client_id = register().json()["client_id"]
    answer = exchange(client_id, code_in(consent(member, client_id, granted, **more)))
    assert answer.status_code == 200, answer.content
    return client_id, answer.json()


def call(token: str, tool: str = "listTrades", **arguments: Any) -> Any:
    return Client().post(
        "/api/tools",
        json.dumps({"tool": tool, "arguments": arguments}),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {token}",
    )


def over_mcp(token: str) -> Any:
    return Client().post(
        "/mcp",
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {token}",
        HTTP_ACCEPT="application/json, text/event-stream",
    )


def test_a_program_finds_its_way_from_a_refusal(who):
    refused = Client().post("/mcp", "{}", content_type="application/json")
    assert refused.status_code == 401
    address = refused["WWW-Authenticate"].split('resource_metadata="')[1].split('"')[0]
    assert address == f"{HOME}/.well-known/oauth-protected-resource/mcp"
    resource = Client().get(address.removeprefix(HOME)).json()
    assert resource["resource"] == RESOURCE
    assert resource["authorization_servers"] == [HOME]
    server = Client().get("/.well-known/oauth-authorization-server").json()
    assert server["issuer"] == HOME
    assert server["authorization_endpoint"] == f"{HOME}/oauth/authorize"
    assert server["token_endpoint"] == f"{HOME}/oauth/token"
    assert server["registration_endpoint"] == f"{HOME}/oauth/register"
    assert server["revocation_endpoint"] == f"{HOME}/oauth/revoke"
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert server["response_types_supported"] == ["code"]
    assert set(server["grant_types_supported"]) == {"authorization_code", "refresh_token"}
    assert set(server["scopes_supported"]) == set(ALL.split())


def test_the_whole_way_in_and_both_doors_open(who):
    import_now(who.workspace, ROUND_TRIP)
    client_id, tokens = let_in(who.alice)
    assert tokens["token_type"] == "Bearer"
    answer = call(tokens["access_token"])
    assert answer.status_code == 200
    assert len(answer.json()["result"]["trades"]) == 1
    assert over_mcp(tokens["access_token"]).json()["result"]["tools"]
    again = refresh(client_id, tokens["refresh_token"]).json()
    assert again["refresh_token"] != tokens["refresh_token"]
    assert call(again["access_token"]).status_code == 200
    assert call(tokens["access_token"]).status_code == 401


def test_what_an_assistant_writes_bears_its_name(who):
    import_now(who.workspace, ROUND_TRIP)
    _, tokens = let_in(who.alice)
    with scope(workspace=who.workspace):
        ticket = str(Trade.objects.get().pk)
    answer = call(tokens["access_token"], "addNote", ticket=ticket, text="Seen", reason="Asked")
    assert answer.status_code == 200
    with scope(workspace=who.workspace):
        assert ToolCall.objects.get().who == f"assistant {Assistant.objects.get().pk}"
        assert TradeNote.objects.get().author_id == who.alice.user_id


def test_reading_alone_is_no_leave_to_write(who):
    import_now(who.workspace, ROUND_TRIP)
    _, tokens = let_in(who.alice, "journal:read")
    with scope(workspace=who.workspace):
        ticket = str(Trade.objects.get().pk)
    answer = call(tokens["access_token"], "addNote", ticket=ticket, text="No", reason="Trying")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    with scope(workspace=who.workspace):
        assert ToolCall.objects.get().code == "scope_missing"
        assert not TradeNote.objects.exists()


def test_it_sees_the_workspace_that_was_chosen_and_no_other(who):
    other = create_workspace(who.alice.user, name="Second", base_currency="USD").workspace
    import_now(who.workspace, ROUND_TRIP)
    _, tokens = let_in(who.alice, workspace=other)
    told = call(tokens["access_token"]).json()
    assert told["workspace"] == {"untrusted_text": "Second"}
    assert told["result"]["trades"] == []


def test_a_workspace_of_others_cannot_be_chosen(who):
    client_id = register().json()["client_id"]
    answer = consent(who.charlie, client_id, workspace=who.workspace)
    assert answer.status_code == 422
    assert not Assistant.objects.exists()


def test_a_viewer_cannot_let_writing_in(who):
    client_id = register().json()["client_id"]
    assert consent(who.bob, client_id).status_code == 422
    _, tokens = let_in(who.bob, "journal:read")
    assert call(tokens["access_token"]).status_code == 200


def test_who_leaves_takes_the_assistant_along(who):
    _, tokens = let_in(who.bob, "journal:read")
    who.bob.delete()
    assert call(tokens["access_token"]).status_code == 401


def test_refusing_lets_nobody_in(who):
    client_id = register().json()["client_id"]
    browser = people.browser(who.alice)
    asked = query(client_id)
    page = browser.get("/oauth/authorize", asked)
    form = {name: value for name, value in page.context["form"].initial.items() if value}
    form |= {"workspace": who.workspace.pk}
    answer = browser.post(f"/oauth/authorize?{urlencode(asked)}", form)
    assert "error=access_denied" in answer.url
    assert not Assistant.objects.exists()


def test_without_a_proof_key_nobody_is_asked(who):
    client_id = register().json()["client_id"]
    browser = people.browser(who.alice)
    none = query(client_id, code_challenge="", code_challenge_method="")
    assert "error=invalid_request" in browser.get("/oauth/authorize", none).url
    plain = query(client_id, code_challenge_method="plain")
    assert browser.get("/oauth/authorize", plain).status_code == 400


def test_another_s_proof_does_not_do(who):
    client_id = register().json()["client_id"]
    code = code_in(consent(who.alice, client_id))
    assert exchange(client_id, code, code_verifier="b" * 64).status_code == 400


def test_a_code_is_good_once(who):
    client_id = register().json()["client_id"]
    code = code_in(consent(who.alice, client_id))
    assert exchange(client_id, code).status_code == 200
    assert exchange(client_id, code).status_code == 400


def test_a_code_used_twice_takes_back_what_it_gave(who):
    """RFC 6749, 4.1.2: somebody else holds the code, and its proof."""
    client_id = register().json()["client_id"]
    code = code_in(consent(who.alice, client_id))
    tokens = exchange(client_id, code).json()
    again = refresh(client_id, tokens["refresh_token"]).json()
    assert call(again["access_token"]).status_code == 200
    assert exchange(client_id, code).status_code == 400
    assert call(again["access_token"]).status_code == 401
    assert refresh(client_id, again["refresh_token"]).status_code == 400
    assert Assistant.objects.get().revoked_at is not None


def test_a_code_that_was_used_ends_nothing_without_its_proof_or_from_another(who):
    client_id = register().json()["client_id"]
    code = code_in(consent(who.alice, client_id))
    tokens = exchange(client_id, code).json()
    _, other = let_in(who.alice)
    assert exchange(client_id, code, code_verifier="b" * 64).status_code == 400
    assert exchange(client_id, code, code_verifier="").status_code == 400
    assert exchange(register().json()["client_id"], code).status_code == 400
    assert exchange(client_id, "another").status_code == 400
    assert call(tokens["access_token"]).status_code == 200
    assert exchange(client_id, code).status_code == 400
    assert call(other["access_token"]).status_code == 200


def test_access_to_another_server_is_not_given_here(who):
    client_id = register().json()["client_id"]
    asked = query(client_id, resource="https://elsewhere.example/mcp")
    assert people.browser(who.alice).get("/oauth/authorize", asked).status_code == 400
    code = code_in(consent(who.alice, client_id))
    answer = exchange(client_id, code, resource="https://elsewhere.example/mcp")
    assert answer.status_code == 400


def test_a_token_for_another_server_is_not_taken(who):
    _, tokens = let_in(who.alice)
    AccessToken.objects.update(resource=["https://elsewhere.example/mcp"])
    assert call(tokens["access_token"]).status_code == 401
    AccessToken.objects.update(resource=[])
    assert call(tokens["access_token"]).status_code == 401


def test_who_names_no_resource_gets_a_token_for_this_one(who):
    client_id = register().json()["client_id"]
    code = code_in(consent(who.alice, client_id, resource=""))
    answer = exchange(client_id, code, resource=RESOURCE)
    assert answer.status_code == 200, answer.content
    assert AccessToken.objects.get(scope__contains="assistant").resource == [RESOURCE]


def test_a_program_cannot_name_the_assistant_that_it_wants_to_be(who):
    let_in(who.alice)
    victim = f"assistant:{Assistant.objects.get().pk}"
    client_id = register().json()["client_id"]
    asked = query(client_id, scope=f"journal:read {victim}")
    browser = people.browser(who.charlie)
    assert browser.get("/oauth/authorize", asked).status_code == 400
    honest = query(client_id, scope="journal:read")
    form = browser.get("/oauth/authorize", honest).context["form"].initial
    answer = {name: value for name, value in form.items() if value}
    answer |= {"workspace": who.charlie.workspace_id, "granted": ["journal:read"], "allow": "true"}
    answer["scope"] = f"journal:read {victim}"
    said = browser.post(f"/oauth/authorize?{urlencode(asked)}", answer)
    tokens = exchange(client_id, code_in(said)).json()
    assert victim not in tokens["scope"].split()
    own = {"untrusted_text": who.charlie.workspace.name}
    assert call(tokens["access_token"]).json()["workspace"] == own


def test_a_token_that_names_another_s_assistant_opens_nothing(who):
    let_in(who.alice)
    victim = Assistant.objects.get()
    _, tokens = let_in(who.charlie)
    own = AccessToken.objects.get(user=who.charlie.user, scope__contains="assistant")
    AccessToken.objects.filter(pk=own.pk).update(scope=f"journal:read assistant:{victim.pk}")
    assert call(tokens["access_token"]).status_code == 401


def test_fewer_scopes_at_a_refresh_keep_whose_token_it_is(who):
    client_id, tokens = let_in(who.alice)
    narrow = refresh(client_id, tokens["refresh_token"], scope="journal:read").json()
    assert call(narrow["access_token"]).status_code == 200
    refused = call(narrow["access_token"], "addNote", ticket="1", text="x", reason="r")
    assert refused.json()["code"] == "scope_missing"


def test_a_refresh_token_used_twice_ends_all(who):
    client_id, tokens = let_in(who.alice)
    again = refresh(client_id, tokens["refresh_token"]).json()
    assert refresh(client_id, tokens["refresh_token"]).status_code == 400
    assert call(again["access_token"]).status_code == 401


def test_an_assistant_is_shown_out_at_once_and_for_good(who):
    client_id, tokens = let_in(who.alice)
    assistant = Assistant.objects.get()
    browser = people.browser(who.alice)
    assert "Helpful" in browser.get("/settings/assistants").content.decode()
    assert people.browser(who.bob).post(
        f"/settings/assistants/{assistant.pk}/revoke"
    ).status_code == 404  # fmt: skip
    assert call(tokens["access_token"]).status_code == 200
    assert browser.post(f"/settings/assistants/{assistant.pk}/revoke").status_code == 302
    assert call(tokens["access_token"]).status_code == 401
    assert refresh(client_id, tokens["refresh_token"]).status_code == 400


def test_a_program_can_give_its_token_back(who):
    client_id, tokens = let_in(who.alice)
    body = {"client_id": client_id, "token": tokens["refresh_token"]}
    assert Client().post("/oauth/revoke", body).status_code == 200
    assert call(tokens["access_token"]).status_code == 401


def test_access_tokens_are_kept_as_digests_only(who):
    _, tokens = let_in(who.alice)
    kept = json.dumps(list(AccessToken.objects.values_list("token", flat=True)))
    assert tokens["access_token"] not in kept


def test_the_rest_of_the_api_takes_no_such_token(who):
    _, tokens = let_in(who.alice)
    answer = Client().get("/api/trades", HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    assert answer.status_code == 401


def test_nobody_registers_programs_unless_the_installation_says_so(settings):
    member = people.alice()
    settings.ASSISTANTS_REGISTRATION = "people"
    assert register().status_code == 401
    settings.ASSISTANTS_REGISTRATION = "closed"
    assert register(people.browser(member)).status_code in (401, 404)
    settings.ASSISTANTS_REGISTRATION = "people"
    assert register(people.browser(member)).status_code == 201


def test_a_person_registers_a_program_by_hand(settings):
    settings.ASSISTANTS_REGISTRATION = "people"
    member = people.alice()
    browser = people.browser(member)
    wrong = {"name": "Mine", "redirect_uri": "http://elsewhere.example/back"}
    assert browser.post("/settings/assistants", wrong).status_code == 422
    page = browser.post("/settings/assistants", {"name": "Mine", "redirect_uri": BACK})
    assert page.status_code == 201
    program = get_application_model().objects.get()
    assert program.client_id in page.content.decode()
    answer = exchange(program.client_id, code_in(consent(member, program.client_id)))
    assert call(answer.json()["access_token"]).status_code == 200
    settings.ASSISTANTS_REGISTRATION = "closed"
    browser.post("/settings/assistants", {"name": "Mine", "redirect_uri": BACK})
    assert get_application_model().objects.count() == 1


def test_programs_that_nobody_let_in_are_forgotten(who):
    used, _ = let_in(who.alice)
    idle = register().json()["client_id"]
    assert forget_expired(now=timezone.now()) == 0
    forget_expired(now=timezone.now() + timedelta(days=3))
    programs = get_application_model().objects.values_list("client_id", flat=True)
    assert list(programs) == [used]
    assert idle != used


@pytest.mark.parametrize(
    "more",
    [
        {"redirect_uris": ["http://elsewhere.example/callback"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["implicit"]},
        {"redirect_uris": []},
        {"redirect_uris": ["http://localhost/ http://elsewhere.example/"]},
        {"redirect_uris": ["https://assistant.example/\u00a0http://elsewhere.example/"]},
        {"redirect_uris": ["https://assistant.example\\@elsewhere.example/"]},
        {"redirect_uris": ["https://assistant.example@elsewhere.example/"]},
        {"redirect_uris": ["https://assistant.example/\0"]},
        {"redirect_uris": ["https://\ud800.example/"]},
        {"client_name": "\0"},
        {"client_name": "\ud800"},
        {"client_name": None},
        {"client_name": ["x"]},
    ],
)
def test_unsafe_programs_are_not_registered(anyone_registers, more):
    assert register(**more).status_code == 400
    assert not get_application_model().objects.exists()


def test_too_many_registrations_are_put_off(anyone_registers, monkeypatch):
    from accounts.oauth.registering import RegistrationThrottle  # noqa: PLC0415

    monkeypatch.setattr(RegistrationThrottle, "THROTTLE_RATES", {"registration": "2/hour"})
    answers = [register().status_code for _ in range(4)]
    assert answers.count(429) == 2


def test_who_is_not_signed_in_signs_in_first_and_comes_back(who):
    client_id = register().json()["client_id"]
    answer = Client().get("/oauth/authorize", query(client_id))
    assert answer.status_code == 302
    assert answer.url.startswith("/account/login/")
    assert "oauth%2Fauthorize" in answer.url or "oauth/authorize" in answer.url


def test_the_page_may_lead_on_to_the_program_and_says_where(who):
    client_id = register().json()["client_id"]
    page = people.browser(who.alice).get("/oauth/authorize", query(client_id))
    assert "https://assistant.example" in page["Content-Security-Policy"]
    assert "assistant.example" in page.content.decode()
    assert re.findall(r'<input[^>]*name="allow"[^>]*>', page.content.decode()) == [
        '<input type="hidden" name="allow" id="id_allow">'
    ]
    assert "Helpful" in page.content.decode()


def test_a_program_that_cannot_be_asked_about_is_told_in_words_and_leads_on(who):
    browser = people.browser(who.alice)
    client_id = register().json()["client_id"]
    elsewhere = query(client_id, redirect_uri="https://elsewhere.example/back")
    for asked, words in (
        (query("nobody"), "The program is not known here"),
        (elsewhere, "another address than it is registered with"),
    ):
        page = browser.get("/oauth/authorize", asked)
        assert page.status_code == 400
        assert words in page.content.decode()
        assert 'href="/settings/assistants"' in page.content.decode()
