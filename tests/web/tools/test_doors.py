"""The same call through three doors gives the same answer: JSON, GPT Action, MCP by its official client."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import jsonschema
import pytest
from django.test import Client
from django_scopes import scope
from mcp.client.client import Client as McpClient
from mcp.client.streamable_http import streamable_http_client
from openapi_spec_validator import validate

from accounts.scopes import Scope
from journal.models import ToolCall, Trade
from journal.tools import openapi
from journal.tools.catalogue import register_own
from journal.tools.registry import list_tools
from tests import people
from tests.captures import account_of, book, fill
from tests.doors import ROUND_TRIP, import_now
from tests.web.api.test_schema import answer_schema, schema

ERAS = ["legacy", "auto", "2026-07-28"]


@pytest.fixture
def world(live_server):
    """A journal with a closed trade on a real server, and a token of its owner."""
    workspace = people.alice().workspace
    import_now(workspace, ROUND_TRIP)
    with scope(workspace=workspace):
        ticket = str(Trade.objects.get().pk)
    _, token = people.token(people.alice())
    return live_server.url, token, ticket


def examples(ticket: str) -> dict[str, dict[str, Any]]:
    """One call of each tool, with everything that it must be told."""
    said = {"reason": "For a test"}
    return {
        "reviewClosedTrade": {"ticket": ticket},
        "syncPlanTrades": {"client_request_id": "sync"},
        "proposePlan": {
            "plan_id": "p1",
            "symbol": "ACME",
            "side": "buy",
            "client_request_id": "plan",
            **said,
        },
        "listTrades": {"limit": 5},
        "getTrade": {"ticket": ticket},
        "searchTrades": {"text": ticket},
        "getPerformance": {},
        "listOpenPositions": {},
        "listDivergences": {},
        "getGuardStatus": {},
        "getLearnedParameters": {},
        "getSymbolRecord": {"symbol": "ACME"},
        "getLearningReport": {},
        "addNote": {"ticket": ticket, "text": "Seen.", "client_request_id": "note", **said},
        "tagTrade": {"ticket": ticket, "tag": "seen", "client_request_id": "tag", **said},
    }


def over_mcp(url: str, token: str, calls: dict[str, dict[str, Any]], mode: str = "auto"):
    async def talk():
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            McpClient(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
        ):
            listed = (await client.list_tools()).tools
            answers = {
                name: await client.call_tool(name, arguments) for name, arguments in calls.items()
            }
            return listed, answers, client.protocol_version

    return asyncio.run(talk())


def over_http(url: str, token: str, name: str, arguments: dict[str, Any], *, alone: bool = False):
    address = f"{url}/api/tools/{name}" if alone else f"{url}/api/tools"
    body = arguments if alone else {"tool": f"any.{name}", "arguments": arguments}
    answer = httpx2.post(
        address, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    return answer.json()


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in answer.items() if k not in ("as_of", "is_repeated")}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ERAS)
def test_the_official_client_calls_every_tool_as_the_other_doors_answer(world, mode):
    url, token, ticket = world
    calls = examples(ticket)
    assert calls.keys() == {tool.name for tool in list_tools()}
    for some in (calls.keys() - openapi_writes(), openapi_writes()):
        listed, answers, _ = over_mcp(url, token, {name: calls[name] for name in some}, mode)
        assert [one.name for one in listed] == [tool.name for tool in list_tools()]
        for name, answer in answers.items():
            assert not answer.is_error, answer
            told = answer.structured_content
            assert json.loads(answer.content[0].text) == told
            assert timeless(told) == timeless(over_http(url, token, name, calls[name])), name
            assert timeless(told) == timeless(over_http(url, token, name, calls[name], alone=True))


@pytest.mark.django_db(transaction=True)
def test_both_eras_are_spoken(world):
    url, token, _ = world
    assert over_mcp(url, token, {}, "legacy")[2] < "2026"
    assert over_mcp(url, token, {}, "2026-07-28")[2] == "2026-07-28"


@pytest.mark.django_db(transaction=True)
def test_every_tool_says_what_it_does_to_the_world(world):
    url, token, _ = world
    for one in over_mcp(url, token, {})[0]:
        hints = one.annotations
        assert hints.destructive_hint is False
        assert hints.open_world_hint is False
        assert hints.read_only_hint == (one.name not in openapi_writes())
        assert hints.idempotent_hint is not None


def openapi_writes() -> set[str]:
    return {tool.name for tool in list_tools() if not tool.is_read_only}


@pytest.mark.django_db(transaction=True)
def test_errors_are_the_same_too_and_are_shown_to_the_model(world):
    url, token, _ = world
    calls = {"getTrade": {"ticket": "none"}, "listTrades": {"limit": 0}, "sell": {}}
    _, answers, _ = over_mcp(url, token, calls)
    for name, answer in answers.items():
        assert answer.is_error
        assert answer.structured_content == over_http(url, token, name, calls[name], alone=True)


@pytest.mark.django_db(transaction=True)
def test_every_tool_refuses_the_same_through_three_doors(world):
    url, token, _ = world
    for wrong in (
        {"stranger": 1},
        {"ticket": "none", "text": "x", "tag": "t", "reason": "r", "symbol": 5},
    ):
        calls = {tool.name: wrong for tool in list_tools()}
        _, answers, _ = over_mcp(url, token, calls)
        for name, answer in answers.items():
            assert answer.is_error, name
            assert answer.structured_content == over_http(url, token, name, wrong), name
            assert answer.structured_content == over_http(url, token, name, wrong, alone=True)


@pytest.mark.django_db(transaction=True)
def test_a_read_token_is_refused_writing_over_mcp_and_that_is_kept(world):
    url, _, ticket = world
    workspace = people.alice().workspace
    _, reader = people.token(people.alice(), Scope.JOURNAL_READ)
    calls = {"addNote": {"ticket": ticket, "text": "No", "reason": "Trying"}}
    _, answers, _ = over_mcp(url, reader, calls)
    assert answers["addNote"].structured_content["code"] == "scope_missing"
    with scope(workspace=workspace):
        (row,) = ToolCall.objects.all()
    assert (row.door, row.outcome, row.code) == ("mcp", "refused", "scope_missing")


@pytest.mark.django_db(transaction=True)
def test_a_stranger_finds_nothing_over_mcp(world):
    url, _, ticket = world
    _, token = people.token(people.charlie())
    _, answers, _ = over_mcp(url, token, {"getTrade": {"ticket": ticket}, "listTrades": {}})
    assert answers["getTrade"].structured_content["code"] == "ticket_unknown"
    assert answers["listTrades"].structured_content["result"]["trades"] == []


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_each_answered_their_own(live_server):
    members = [people.alice(), people.charlie()]
    tokens = []
    for member in members:
        account_of(member.workspace)
        symbol = member.user.email.partition("@")[0].upper()
        people.bot(member).post("/api/executions", fill(symbol=symbol, exec_id=symbol))
        book(member.workspace)
        tokens.append((symbol, people.token(member)[1]))

    async def one(symbol: str, token: str) -> bool:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            McpClient(streamable_http_client(f"{live_server.url}/mcp", http_client=http)) as client,
        ):
            answer = await client.call_tool("listTrades", {})
            trades = answer.structured_content["result"]["trades"]
            return [trade["symbol"] for trade in trades] == [symbol]

    async def everybody() -> list[bool]:
        return await asyncio.gather(*(one(*each) for each in tokens * 8))

    assert all(asyncio.run(everybody()))


@pytest.mark.django_db
def test_without_a_token_nobody_comes_in():
    answer = Client().post("/mcp", "{}", content_type="application/json")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db
def test_a_page_of_another_origin_may_not_call():
    client = people.bot(people.alice())
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"HTTP_ACCEPT": "application/json, text/event-stream"}
    own = client.post("/mcp", body, HTTP_ORIGIN="http://testserver", **headers)
    assert own.status_code == 200
    other = client.post("/mcp", body, HTTP_ORIGIN="https://evil.example", **headers)
    assert other.status_code == 403


@pytest.mark.django_db
def test_there_is_no_stream_to_listen_to():
    client = people.bot(people.alice())
    assert client.get("/mcp", HTTP_ACCEPT="text/event-stream, application/json").status_code == 405
    assert client.delete("/mcp").status_code == 405


@pytest.mark.django_db
def test_the_document_for_gpt_actions_is_openapi_and_within_its_limits():
    document = Client().get("/openapi/assistant.json").json()
    validate(document)
    operations = [one["post"] for one in document["paths"].values()]
    assert [one["operationId"] for one in operations] == [tool.name for tool in list_tools()]
    assert len(operations) <= openapi.OPERATIONS_MAX
    assert len(document["components"]["securitySchemes"]) == 1
    for one in operations:
        assert 0 < len(one["description"]) <= 300
        assert 0 < len(one["summary"]) <= 300
        assert isinstance(one["x-openai-isConsequential"], bool)
        assert one["x-openai-isConsequential"] == (one["operationId"] in openapi_writes())
        schema = one["requestBody"]["content"]["application/json"]["schema"]
        for name, argument in schema["properties"].items():
            assert 0 < len(argument["description"]) <= 700, name
            assert "type" in argument, name
    assert len(json.dumps(document)) < 100_000


@pytest.mark.django_db(transaction=True)
def test_what_every_tool_takes_answers_and_refuses_is_what_the_document_says(world):
    url, token, ticket = world
    document = httpx2.get(f"{url}/openapi/assistant.json", timeout=30).json()
    answers, errors = (document["components"]["schemas"][name] for name in ("Answer", "Error"))
    by_api = answer_schema(schema()["paths"]["/api/tools"]["post"], 200)
    for name, arguments in examples(ticket).items():
        body = document["paths"][f"/api/tools/{name}"]["post"]["requestBody"]
        jsonschema.validate(arguments, body["content"]["application/json"]["schema"])
        told = over_http(url, token, name, arguments, alone=True)
        jsonschema.validate(told, answers)
        jsonschema.validate(told, by_api)
        jsonschema.validate(over_http(url, token, name, {"stranger": 1}, alone=True), errors)


def test_registering_again_changes_nothing():
    before = list_tools()
    register_own()
    assert list_tools() == before
