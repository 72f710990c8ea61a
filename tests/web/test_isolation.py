"""Every address there is, walked by a stranger with Alice's numbers.

New routes are walked by themselves. One whose parameter nobody has a number of Alice's for fails the test: add it to
`tests.web.numbers` together with the thing that it names.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django_scopes import scope
from rest_framework.test import APIClient

from accounts.roles import Role
from journal.models import (
    Alert,
    AlertChannel,
    BrokerAccount,
    Connection,
    Correction,
    DataIssue,
    Decision,
    DecisionLink,
    Execution,
    Plan,
    PriceSeries,
    Pull,
    RecommendationOutcome,
    Tag,
    Trade,
    TradeNote,
    WebhookDelivery,
    WebhookEndpoint,
)
from learning.models import LearningRun, Report
from reconciliation.models import Divergence, DivergenceStep, Guard, GuardVersion
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now
from tests.web.numbers import ACCOUNT, SECRET, Numbers, numbers_of

pytestmark = pytest.mark.django_db

# Other people's code, walked by its own tests: it has no rows of a workspace.
OTHERS = ("admin/", "account/")
METHODS = ("get", "post", "put", "patch", "delete")


def routes() -> list[tuple[str, str, str, list[str]]]:
    """(address with its parameters, name, module, parameters) of every route but those of others."""

    def walk(resolver: URLResolver, prefix: str) -> list[Any]:
        found = []
        for entry in resolver.url_patterns:
            address = prefix + str(entry.pattern)
            if address.startswith(OTHERS):
                continue
            if isinstance(entry, URLResolver):
                found += walk(entry, address)
            elif isinstance(entry, URLPattern):
                names = re.findall(r"<(?:\w+:)?(\w+)>", address)
                found.append((address, entry.name or "", entry.callback.__module__, names))
        return found

    return walk(get_resolver(), "")


ROUTES = routes()
# Named after a tool, a document or a program, not after something of anybody's: tests of their own walk them.
OWNERLESS = {
    "api-tool",
    "tolerance",
    "guard-new",
    "api-learning-symbol",
    "symbol",
    "metrics-part",
    "oauth-resource-metadata-path",
    "dcr-register-management",
}
WITH_NUMBERS = [route for route in ROUTES if route[3] and route[1] not in OWNERLESS]
WITHOUT = [route for route in ROUTES if not route[3]]
# The description of the API holds no data of anybody.
PUBLIC = {
    "decision-link-open",
    "decision-link",
    "health",
    # To whom it is open its own tests say; it holds nothing of anybody.
    "metrics",
    "invitation",
    "invitation-open",
    # Its token says whose mail is stopped, and looking shows nothing of anybody.
    "reports-unsubscribe",
    "api-schema",
    "api-docs",
    "assistant-openapi",
}
# Doors for programs beside the API, who are refused in words of their own.
FOR_PROGRAMS = {
    "mcp", "token", "revoke-token", "dcr-register", "oauth-server-metadata", "oauth-resource-metadata",
}  # fmt: skip


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.TRADER)


@pytest.fixture
def numbers(who) -> Numbers:
    return numbers_of(who)


def fill_in(address: str, names: list[str], numbers: Numbers) -> str:
    for name in names:
        address = re.sub(rf"<(?:\w+:)?{name}>", str(numbers.of(address, name)), address, count=1)
    return f"/{address}"


def everything(workspace) -> list[Any]:
    """What a stranger must not have changed."""
    with scope(workspace=workspace):
        return [
            list(model.objects.order_by("pk").values())
            for model in (
                BrokerAccount,
                Connection,
                Pull,
                Trade,
                Execution,
                TradeNote,
                Tag,
                Correction,
                DataIssue,
                Decision,
                DecisionLink,
                Report,
                Alert,
                AlertChannel,
                WebhookEndpoint,
                WebhookDelivery,
                RecommendationOutcome,
                Plan,
                PriceSeries,
                Divergence,
                DivergenceStep,
                Guard,
                GuardVersion,
                LearningRun,
            )
        ]


def test_the_walk_finds_the_routes():
    names = {name for _, name, _, _ in ROUTES}
    assert {"dashboard", "trade", "import", "account", "api-trade", "api-import"} <= names
    assert len(WITH_NUMBERS) > 25


def test_a_stranger_finds_nothing_under_alice_s_numbers(who, numbers):
    before = everything(who.workspace)
    bot, browser = people.bot(who.charlie), people.browser(who.charlie)
    leaks = []
    for address, _, _, names in WITH_NUMBERS:
        url = fill_in(address, names, numbers)
        is_api = address.startswith("api/")
        client, options = (bot, {}) if is_api else (browser, {"follow": True})
        answers = {method: getattr(client, method)(url, **options) for method in METHODS}
        leaks += [
            f"{method} {url}: {answer.status_code}"
            for method, answer in answers.items()
            if answer.status_code not in (404, 405) or SECRET in answer.content.decode()
        ]
        if 404 not in {answer.status_code for answer in answers.values()}:
            leaks.append(f"{url}: no method of it looks for the thing")
    assert leaks == []
    assert everything(who.workspace) == before


def test_a_stranger_s_own_pages_hold_nothing_of_alice_s(who, numbers):
    bot, browser = people.bot(who.charlie), people.browser(who.charlie)
    leaks = []
    for address, _, _, _ in WITHOUT:
        answer = (bot if address.startswith("api/") else browser).get(f"/{address}")
        text = b"".join(answer).decode()
        if answer.status_code >= 500 and address != "health":
            leaks.append(f"/{address}: {answer.status_code}")
        if SECRET in text or ACCOUNT in text:
            leaks.append(f"/{address}: shows what is Alice's")
    assert leaks == []


def test_nobody_in_particular_is_asked_to_sign_in(numbers):
    let_in = []
    for address, name, _, names in ROUTES:
        if name in PUBLIC | FOR_PROGRAMS | OWNERLESS:
            continue
        url = fill_in(address, names, numbers)
        is_api = address.startswith("api/")
        answer = (APIClient() if is_api else Client()).get(url)
        if (
            is_api
            and (answer.status_code != 401 or set(answer.json()) != {"code", "message", "fields"})
        ) or (
            not is_api
            and not (answer.status_code == 302 and answer.url.startswith("/account/login/"))
        ):
            let_in.append(f"{url}: {answer.status_code}")
    assert let_in == []


@pytest.mark.parametrize(
    "query",
    [
        "trades?accounts={account_id}",
        "trades?batch={batch_id}",
        "trades?tag=ZSECRET",
        "trades?text=ZSECRET",
        "orders?account={account_id}",
        "orders?accounts={account_id}",
        "orders?text=ZSECRET",
        "orders?symbol=ZSECRET",
        "orders?client_order_id=ZSECRET",
        "reconciliation?account={account_id}",
        "reconciliation?text=ZSECRET",
        "reconciliation/live?account={account_id}",
        "reconciliation/snapshots?account={account_id}",
        "reconciliation/log?account={account_id}",
        "reconciliation/log?symbol=ZSECRET",
    ],
)
def test_filters_with_alice_s_numbers_find_nothing(who, numbers, query):
    client = people.browser(who.charlie)
    answer = client.get(f"/{query.format(**numbers.named)}")
    assert answer.status_code in (200, 404, 422)
    shown = re.sub(r'(value|href|action)="[^"]*"', "", answer.content.decode())
    # What somebody asks for is repeated as the filter that it is.
    shown = re.sub(r'<a class="pill".*?</a>', "", shown)
    assert f">{SECRET}" not in shown
    assert ACCOUNT not in shown


def test_uploading_for_alice_s_account_is_refused(who, numbers):
    bot = people.bot(who.charlie)
    with scope(workspace=who.charlie.workspace):
        assert not BrokerAccount.objects.exists()
    content = statement(trade(), account=ACCOUNT).encode()
    body = {"file": SimpleUploadedFile("a.xml", content), "account": ACCOUNT}
    answer = bot.post("/api/trades/import/flex", body, format="multipart")
    assert answer.status_code == 404
    body = {"file": SimpleUploadedFile("a.xml", content), "account": numbers.named["account_id"]}
    page = people.browser(who.charlie).post("/imports", body)
    assert page.status_code == 422


def test_the_admin_is_closed_to_everybody_but_superusers(who, numbers):
    for person in (who.alice, who.bob, who.charlie):
        answer = people.browser(person).get("/admin/journal/trade/", follow=True)
        assert answer.status_code in (200, 403)
        assert SECRET not in answer.content.decode()


def refused_as_bound(answer: Any) -> bool:
    return answer.status_code == 403 and answer.json()["code"] == "token_bound_to_account"


def test_a_bound_token_sees_one_account_only(who, numbers):
    import_now(
        who.workspace,
        statement(trade(symbol="OTHER", conid="7002", transactionID="77"), account="U7000002"),
    )
    with scope(workspace=who.workspace):
        other = BrokerAccount.objects.get(broker_id="U7000002")
    bot = people.bot(who.alice, account_id=other.pk)
    for address, _, _, names in ROUTES:
        if not address.startswith("api/") or address.startswith(("api/instruments", "api/schema")):
            continue
        if "name" in names or "symbol" in names:
            continue
        url = fill_in(address, names, numbers)
        answer = bot.get(url)
        if names:
            # What is learnt of all accounts together is refused before it is looked for.
            assert answer.status_code in (404, 405) or refused_as_bound(answer), url
        assert SECRET not in answer.content.decode(), url
