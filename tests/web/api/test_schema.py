"""The schema says what the API does, and the API does what it says."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.urls import URLResolver, get_resolver
from django_scopes import scope

from accounts.scopes import Scope
from journal.brokers.fetchers import get_fetcher
from journal.models import (
    BrokerAccount,
    Execution,
    Instrument,
    Order,
    Plan,
    Recommendation,
    Trade,
)
from journal.services.alerts.channels import create_channel
from journal.services.alerts.channels import write_test as write_test_alert
from journal.services.annotations import add_note, tag_trade
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.connections import create_connection
from journal.services.webhooks.endpoints import create_endpoint, write_test
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.captures import account_of, book, order
from tests.doors import ROUND_TRIP, import_now
from tests.simulators.ibkr_flex import CREDENTIALS
from tests.web.journal.books import import_small
from tests.web.learning.whole import learnt
from tests.web.reconciliation.whole import one_of_each

pytestmark = pytest.mark.django_db

ERROR = {"$ref": "#/components/schemas/Error"}


@cache
def schema() -> dict[str, Any]:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return yaml.safe_load(out.getvalue())


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
    ]


def resolve(node: Any) -> Any:
    """The schema of a node without references, as plain JSON Schema."""
    if isinstance(node, list):
        return [resolve(one) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        found: Any = schema()
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return resolve(found)
    plain = {key: resolve(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") else plain


def answer_schema(operation: dict[str, Any], status: int) -> Any:
    return resolve(operation["responses"][str(status)])["content"]["application/json"]["schema"]


def test_the_schema_is_valid_and_nothing_in_it_is_guessed():
    assert schema()["openapi"].startswith("3.")


def test_every_route_of_the_api_is_described():
    routes = {
        "/api/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(route.pattern)).replace("{pk}", "{id}")
        for resolver in get_resolver().url_patterns
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == "api/"
        for route in resolver.url_patterns
    }
    assert routes == set(schema()["paths"])


def test_every_operation_says_what_it_is_for_and_how_it_fails():
    for path, method, operation in operations():
        said = f"{method} {path}"
        assert operation.get("description"), said
        assert {"token"} in [set(one) for one in operation["security"]], said
        codes = set(operation["responses"])
        assert {"401", "403", "429"} <= codes, said
        assert ("404" in codes) or "{id}" not in path, said
        for code in codes:
            if code >= "400":
                content = resolve(operation["responses"][code])["content"]
                shape = content["application/json"]["schema"]
                # While trading is locked the lock is told beside what every error tells.
                if code == "423":
                    assert {"code", "message", "fields"} <= set(shape["required"]), said
                else:
                    assert shape == resolve(ERROR), said


def test_writes_take_an_idempotency_key():
    for path, method, operation in operations():
        names = {one["name"] for one in operation.get("parameters", ())}
        assert ("Idempotency-Key" in names) == (method != "get"), f"{method} {path}"


# Probabilities, shares, multiples of risk and thresholds of the learner: neither money nor a quantity.
STATISTICS = {
    "Asked.p", "Asked.base", "Asked.expected_r", "Record.size", "Settings.start", "PatchedSettingsRequest.start", "Prediction.p",
    "Prediction.base",
}  # fmt: skip


def has_number(node: Any) -> bool:
    if isinstance(node, dict):
        return node.get("type") == "number" or any(map(has_number, node.values()))
    return isinstance(node, list) and any(map(has_number, node))


def test_money_is_never_a_number():
    """Numbers in JSON are counts, ids and rows: whole ones."""
    shapes = schema()["components"]["schemas"]
    found = {
        f"{name}.{part}"
        for name, shape in shapes.items()
        for part, node in shape.get("properties", {}).items()
        if has_number(node)
    }
    assert found == STATISTICS
    assert shapes["Trade"]["properties"]["net_pnl"]["type"] == "string"


def import_order(who: people.People) -> None:
    account = account_of(who.workspace, "U1234567")
    bot = people.bot(who.alice, account_id=account.pk)
    assert bot.post("/api/orders", order(account=None, symbol="ACME")).status_code == 201
    assert bot.post("/api/recommendations", {"symbol": "ACME"}).status_code == 201
    assert bot.post("/api/plans", {"symbol": "ACME", "entry_price": "25.5"}).status_code == 201
    bars = [["2026-06-02T13:30:00Z", "10", "11", "9", "10"]]
    prices = {"symbol": "ACME", "interval": "1m", "bars": bars}
    assert bot.post("/api/prices/bars", prices, format="json").status_code == 200
    book(who.workspace)


def a_book(who: people.People) -> dict[str, Any]:
    """Something in every list, and one id for each kind of address."""
    batch = import_now(who.workspace, ROUND_TRIP)
    import_small(who.workspace)
    import_now(
        who.workspace,
        statement(
            trade(transactionID="901", symbol="HALF", conid="901", quantity="ten"),
            '<CashTransactions><CashTransaction accountId="U1234567" currency="USD" amount="-1.5" '
            'type="Other Fees" dateTime="20260603;120000" transactionID="5001" '
            'levelOfDetail="DETAIL" description="Data" /></CashTransactions>',
        ),
    )
    import_order(who)
    with scope(workspace=who.workspace):
        held = Trade.objects.filter(closed_at__isnull=False).first()
        note = add_note(held, text="Waited too long.", author_id=who.alice.user_id)
        tag_trade(held, name="late", author_id=who.alice.user_id)
        connection = create_connection(
            who.workspace.pk, get_fetcher("ibkr_flex"), CREDENTIALS, user_id=None
        )
        endpoint, _ = create_endpoint(
            who.alice, address="https://1.1.1.1/x", name="", events=["guard.fired"]
        )
        write_test(endpoint)
        channel = create_channel(
            who.alice, kind="service", name="", address="tgram://123456789:abcdefg_hijklmnop/1/", topics=[]
        )  # fmt: skip
        write_test_alert(channel)
        return {
            "webhooks": endpoint.pk,
            **one_of_each(BrokerAccount.objects.first()),
            **learnt(who.workspace.pk),
            "connections": connection.pk,
            "pulls": ask_pull(connection).pk,
            "accounts": BrokerAccount.objects.first().pk,
            "instruments": Instrument.objects.first().pk,
            "executions": Execution.objects.first().pk,
            "orders": Order.objects.first().pk,
            "recommendations": Recommendation.objects.first().pk,
            "trades": held.pk,
            "notes": note.pk,
            "plans": Plan.objects.get().pk,
            "import": batch.pk,
        }


def id_for(path: str, ids: dict[str, Any]) -> Any:
    parts = path.split("/")
    if "/import/" in path:
        return ids["import"]
    if parts[2] == "learning" and parts[3] != "runs":
        return ids[parts[3]]
    return ids[parts[3] if parts[2] == "reconciliation" or parts[3] == "changes" else parts[2]]


def test_every_get_answers_what_the_schema_says():
    who = people.everybody()
    ids = a_book(who)
    bot = people.bot(who.alice, Scope.JOURNAL_READ, Scope.RECONCILIATION_READ, Scope.LEARNING_READ)
    lists = {}
    for path, method, operation in operations():
        if method != "get":
            continue
        url = path.replace("{id}", str(id_for(path, ids))) if "{id}" in path else path
        answer = bot.get(url)
        assert answer.status_code == 200, f"{url}: {answer.content[:300]}"
        jsonschema.validate(
            answer.json(), answer_schema(operation, 200), format_checker=jsonschema.FormatChecker()
        )
        if "{id}" not in path and "results" in answer.json():
            lists[path] = len(answer.json()["results"])
    assert all(lists.values()), lists


def test_every_get_refuses_nonsense_in_one_shape():
    who = people.everybody()
    ids = a_book(who)
    bot = people.bot(who.alice)
    for path, method, operation in operations():
        if method != "get":
            continue
        url = path.replace("{id}", str(id_for(path, ids))) if "{id}" in path else path
        asked = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
        for name in asked:
            for value in ("ü", "999999999999999999999", "2026-13-45", "\x00", "-1", ""):
                answer = bot.get(url, {name: value})
                said = f"{url}?{name}={value!r}: {answer.status_code}"
                assert str(answer.status_code) in operation["responses"], said
                if answer.status_code != 200:
                    assert set(answer.json()) == {"code", "message", "fields"}, said


def test_a_missing_thing_and_a_missing_token_have_the_shape_of_an_error():
    who = people.everybody()
    bot = people.bot(who.alice)
    for path, method, operation in operations():
        url = path.replace("{id}", "987654321")
        answers = [getattr(Client(), method)(url)]
        if "{id}" in path:
            answers.append(getattr(bot, method)(url))
        for answer in answers:
            assert str(answer.status_code) in operation["responses"], f"{method} {url}"
            jsonschema.validate(answer.json(), answer_schema(operation, answer.status_code))


def test_the_docs_page_needs_nothing_from_elsewhere_and_no_inline_script():
    page = Client().get("/api/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert "http://" not in text.replace("http://testserver", "")
    assert "https://" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|<style", text)
    assert page.headers["Content-Security-Policy"].find("script-src 'self'") >= 0
    for path in re.findall(r'(?:src|href)="([^"]+)"', text):
        if path.startswith(settings.STATIC_URL):
            assert finders.find(path.removeprefix(settings.STATIC_URL)), path
    assert 'href="/"' in text, "a way back"
    assert "js/api_docs" in text, "light and dark"
    script = Client().get(re.search(r'<script src="(/api/docs[^"]*)"', text).group(1))
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert "/api/schema" in script.content.decode()


def test_anybody_may_read_the_schema():
    answer = Client().get("/api/schema")
    assert answer.status_code == 200
    assert b"/api/trades" in answer.content
