"""Movements of cash that a person enters: on the page, and over the API."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from journal import tasks
from journal.models import CashReport, ImportBatch, ImportState
from tests import people
from tests.web.reconciliation import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


@pytest.fixture
def account(who):
    with scope(workspace=who.workspace):
        return rows.account(who.workspace)


@pytest.fixture
def said(account):
    return {
        "account": account.pk, "movement": "deposit", "way": "in", "amount": "250,50", "currency": "",
        "at": "2026-06-02T09:30", "reason": "From my bank",
    }  # fmt: skip


def booked(who) -> ImportBatch:
    with scope(workspace=who.workspace):
        batch = ImportBatch.objects.latest("pk")
        tasks.run_import(batch.pk)
        batch.refresh_from_db()
        assert batch.state == ImportState.DONE, batch.error_message
        return batch


def test_it_is_evidence_with_its_reason(who, alice, account, said):
    page = alice.get(f"/entries/cash?account={account.pk}")
    form_id = page.context["form"]["form_id"].value()
    for _ in range(2):
        assert alice.post("/entries/cash", {**said, "form_id": form_id}).status_code == 303
        booked(who)
    with scope(workspace=who.workspace):
        # The button was pressed twice; it moved once.
        (row,) = CashReport.objects.all()
    assert (row.kind, row.amount, row.currency) == (
        "deposit",
        Decimal("250.5"),
        account.base_currency,
    )
    assert row.description == "From my bank"
    text = alice.get(f"/accounts/{account.pk}").content.decode()
    assert "From my bank" in text
    assert "/entries/cash?account=" in text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "NaN"), ("amount", "-5"), ("amount", "0"), ("amount", "1e999"), ("amount", "9" * 60), ("amount", "1,234"),
        ("movement", "gift"), ("way", "out"), ("account", "999999"), ("account", "x"), ("reason", ""), ("at", "9999-12-31T00:00"),
        ("at", "0001-01-01T00:00"), ("at", "2199-01-01T00:00"), ("currency", "<b>"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_asked_again(who, alice, said, field, value):
    answer = alice.post("/entries/cash", {**said, field: value})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    with scope(workspace=who.workspace):
        assert not ImportBatch.objects.exists()


def test_who_may(who, said):
    assert people.browser(who.bob).post("/entries/cash", said).status_code == 403
    stranger = people.browser(who.charlie).post("/entries/cash", said)
    assert stranger.status_code == 422
    with scope(workspace=who.workspace):
        assert not ImportBatch.objects.exists()


def test_over_the_api(who, account):
    client = people.bot(who.alice, Scope.JOURNAL_READ, Scope.JOURNAL_WRITE)
    said = {
        "account": account.pk, "kind": "fee", "amount": "-12.30", "currency": "USD",
        "occurred_at": "2026-06-02T13:30:00Z", "reason": "Data subscription",
    }  # fmt: skip
    for change, status in (
        ({"amount": "NaN"}, 422), ({"amount": "Infinity"}, 422), ({"kind": "gift"}, 422), ({"account": 999_999}, 404),
        ({"kind": "deposit"}, 422), ({"occurred_at": "2999-01-01T00:00:00Z"}, 422), ({"reason": ""}, 422),
        ({"amount": "0"}, 422),
    ):  # fmt: skip
        answer = client.post("/api/cash", {**said, **change}, format="json")
        assert answer.status_code == status, (change, answer.content)
    answer = client.post("/api/cash", said, format="json")
    assert answer.status_code == 202, answer.content
    booked(who)
    (row,) = client.get("/api/cash").json()["results"]
    assert (row["kind"], row["amount"], row["description"]) == ("fee", "-12.3", "Data subscription")
