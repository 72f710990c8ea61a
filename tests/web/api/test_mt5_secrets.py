"""The secret of a bridge is told once, and kept nowhere that it could be read."""

from __future__ import annotations

import pytest
from django_scopes import scope

from accounts.scopes import Scope
from journal.models import Connection, IdempotentRequest
from tests import people

pytestmark = pytest.mark.django_db


def test_a_repeated_request_is_done_once_and_tells_no_secret_again():
    alice = people.alice()
    client = people.bot(alice, Scope.JOURNAL_READ, Scope.JOURNAL_WRITE)
    address, key = "/api/mt5/connections", {"Idempotency-Key": "bridge-1"}
    first = client.post(address, {"name": "VPS"}, format="json", headers=key)
    again = client.post(address, {"name": "VPS"}, format="json", headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data["secret"]
    assert again.json() == {**first.json(), "secret": None}
    renewed = client.post(f"{address}/{first.data['id']}/secret", headers={"Idempotency-Key": "2"})
    assert renewed.data["secret"] not in ("", None, first.data["secret"])
    with scope(workspace=alice.workspace):
        kept = str(list(IdempotentRequest.objects.values()))
        assert Connection.objects.count() == 1
    assert first.data["secret"] not in kept
    assert renewed.data["secret"] not in kept
