"""What no program should send to reconciliation and guards is refused in the one shape of errors."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from reconciliation.domain.codec import dump
from reconciliation.domain.life import State
from reconciliation.forms.guard_values import usual
from reconciliation.models import GuardKind
from tests import guarding, people
from tests.web.api.test_nonsense import NONSENSE, bodies, send
from tests.web.reconciliation import rows

pytestmark = pytest.mark.django_db

READ, WRITE = Scope.RECONCILIATION_READ, Scope.RECONCILIATION_WRITE
LISTS = (
    "reconciliation/status", "reconciliation/runs", "reconciliation/snapshots", "reconciliation/position-snapshots",
    "reconciliation/log", "reconciliation/drawdown-alerts", "reconciliation/divergences", "guards", "trading-lock",
)  # fmt: skip
ASKED = (
    "account", "symbol", "since", "until", "start", "end", "user", "state", "assignee", "kind", "cursor", "broker_id",
    "source", "age",
)  # fmt: skip
QUERIES = ("%00", "1e999999999", "9999999999999999999", "-1", "%ED%A0%80", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "٣")  # fmt: skip


@pytest.fixture
def who():
    cache.clear()
    return people.everybody(bob_as=Role.TRADER)


@pytest.fixture
def alice(who):
    return people.bot(who.alice, READ, WRITE)


@pytest.fixture
def book(who):
    with scope(workspace=who.workspace):
        yield rows.account(who.workspace)


@pytest.fixture
def guard(who, book):
    return guarding.guard(who.workspace, book)


def ways(value, way=()):
    """To every value of something nested, and to all that holds some."""
    if way:
        yield way
    if isinstance(value, dict):
        for name, one in value.items():
            yield from ways(one, (*way, name))


def with_nonsense(way, bad):
    """{"a": {"b": bad}}"""
    for name in reversed(way):
        bad = f"{{{json.dumps(name)}: {bad}}}"
    return bad


@pytest.mark.parametrize("path", LISTS)
def test_no_list_fails(alice, book, guard, path):
    for name in ASKED:
        for bad in QUERIES:
            assert alice.get(f"/api/{path}?{name}={bad}").status_code < 500, (name, bad)


@pytest.mark.parametrize("kind", list(GuardKind))
def test_no_guard_fails(alice, book, kind):
    told = {"name": "Mine", "account": book.pk, "kind": kind, "is_armed": False}
    for body in bodies(told, [*told, "preset", "values"]):
        send(alice, "post", "/api/guards", body)
    for way in ways(dump(usual(kind))):
        for bad in NONSENSE:
            values = with_nonsense(way, bad)
            send(alice, "post", "/api/guards", f'{json.dumps(told)[:-1]}, "values": {values}}}')


@pytest.mark.parametrize("door", ["changes", "arm", "disarm", "simulate"])
def test_no_step_of_a_guard_fails(alice, guard, door):
    for body in bodies({"reason": "x"}, ["reason", "values", "counting_from", "since", "until"]):
        send(alice, "post", f"/api/guards/{guard.pk}/{door}", body)
    for body in ("[]", "1", "null", "", "[" * 30_000, '{"values":' * 5_000):
        send(alice, "post", f"/api/guards/{guard.pk}/{door}", body)


@pytest.mark.parametrize(
    "door", ["investigate", "assign", "propose", "approve", "withdraw", "accept", "void"]
)
def test_no_step_of_a_difference_fails(alice, book, door):
    one = rows.divergence(book, state=State.INVESTIGATING)
    told = {"reason": "x"}
    for body in bodies(told, ["reason", "user", "price", "instrument"]):
        send(alice, "post", f"/api/reconciliation/divergences/{one.pk}/{door}", body)


def test_no_run_fails(alice, book):
    for body in bodies({}, ["account"]):
        send(alice, "post", "/api/reconciliation/sync", body)


@pytest.mark.parametrize("path", ["guards/{}", "reconciliation/divergences/{}", "reconciliation/runs/{}", "reconciliation/snapshots/{}", "webhooks/{}"])  # fmt: skip
def test_what_no_row_can_be_called_is_not_found(who, path):
    owner = people.bot(who.alice)
    for number in (2**31, 2**63, 10**40):
        assert owner.get("/api/" + path.format(number)).status_code == 404


def test_no_webhook_fails(who):
    owner = people.bot(who.alice)
    told = {"name": "x", "address": "https://example.com/x", "events": ["test"]}
    for body in bodies(told, [*told, "is_paused"]):
        send(owner, "post", "/api/webhooks", body)
    for bad in ("https://[::1", "https://example.com:99999/", "https://\\u0000", "https://exa mple.com", "https://" + "a" * 900, "https://[::ffff:127.0.0.1]/"):  # fmt: skip
        body = json.dumps({**told, "address": bad}).replace("\\\\u", "\\u")
        assert send(owner, "post", "/api/webhooks", body).status_code == 422
