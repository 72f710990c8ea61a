"""The official MCP client lets itself in: it finds the door, registers, asks a person, and comes back with a code."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from django.core.cache import cache
from django.db import connections
from mcp.client.auth import OAuthClientProvider
from mcp.client.client import Client as McpClient
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

from accounts.models import Assistant
from tests import people
from tests.doors import ROUND_TRIP, import_now

BACK = "http://127.0.0.1:43117/callback"


class Memory:
    """Where the client keeps what it is given."""

    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


class Person:
    """Signed in with a browser: reads the page, ticks everything, presses the button."""

    def __init__(self, member) -> None:
        self.browser, self.member = people.browser(member), member
        self.answer = AuthorizationCodeResult(code="", state=None)

    async def open_page(self, address: str) -> None:
        await asyncio.to_thread(self._in_a_thread, address)

    def _in_a_thread(self, address: str) -> None:
        try:
            self._decide(address)
        finally:
            # The thread ends, and its connection would outlive the database.
            connections.close_all()

    def _decide(self, address: str) -> None:
        parts = urlsplit(address)
        asked = f"{parts.path}?{parts.query}"
        page = self.browser.get(asked, HTTP_HOST=parts.netloc)
        assert page.status_code == 200, page.content.decode()[:800]
        form = page.context["form"]
        said = {name: value for name, value in form.initial.items() if value}
        said |= {
            "workspace": self.member.workspace_id,
            "granted": [value for value, _ in form.fields["granted"].choices],
            "allow": "true",
        }
        back = self.browser.post(asked, said, HTTP_HOST=parts.netloc)
        assert back.status_code == 302, back.content.decode()[:800]
        assert back.url.startswith(BACK)
        told = {name: values[0] for name, values in parse_qs(urlsplit(back.url).query).items()}
        self.answer = AuthorizationCodeResult(
            code=told["code"], state=told["state"], iss=told["iss"]
        )

    async def come_back(self) -> AuthorizationCodeResult:
        return self.answer


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_official_client_lets_itself_in(live_server, settings, mode):
    cache.clear()
    settings.ASSISTANTS_REGISTRATION = "open"
    member = people.alice()
    import_now(member.workspace, ROUND_TRIP)
    person, memory = Person(member), Memory()
    provider = OAuthClientProvider(
        f"{live_server.url}/mcp",
        OAuthClientMetadata(client_name="Official", redirect_uris=[BACK]),
        memory,
        person.open_page,
        person.come_back,
    )

    async def talk():
        async with (
            httpx2.AsyncClient(auth=provider, timeout=60) as http,
            McpClient(
                streamable_http_client(f"{live_server.url}/mcp", http_client=http), mode=mode
            ) as client,
        ):
            return await client.call_tool("listTrades", {})

    answer = asyncio.run(talk())
    assert not answer.is_error
    assert len(answer.structured_content["result"]["trades"]) == 1
    assert memory.tokens.refresh_token
    assert Assistant.objects.get().name == "Official"
