"""The admin: evidence to look at, corrections and settings with a reason, the audit trail."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django_scopes import scope
from django_scopes.exceptions import ScopeError
from pghistory.models import Event

from accounts.models import User
from journal import tasks
from journal.models import BrokerAccount, Correction, Execution, Instrument, Trade
from journal.models.book import Derived
from journal.models.evidence import Evidence
from tests import people
from tests.brokers.ibkr_flex.flex import SAMPLES
from tests.doors import ROUND_TRIP, import_now
from tests.integration.journal.test_cost_shares import BOUGHT, SPUN

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return people.everybody()


def test_names_in_the_admin_have_their_plural():
    names = {
        str(model._meta.verbose_name_plural)
        for model in apps.get_app_config("journal").get_models()
    }
    assert {"import batches", "lot matches", "import batch events"} <= names
    assert not [name for name in names if name.endswith(("chs", "ys", "at events"))]


@pytest.fixture
def boss(who) -> Client:
    """The first person: administers the installation and belongs to no workspace here."""
    client = Client()
    client.force_login(User.objects.get(email="admin@example.org"))
    return client


def url(model, action: str = "changelist", *ids: int) -> str:
    middle = f"/{ids[0]}" if ids else ""
    end = {"changelist": "", "add": "add/", "change": "change/", "delete": "delete/"}[action]
    return f"/admin/journal/{model._meta.model_name}{middle}/{end}"


def registered(*bases: type) -> list:
    return [
        model
        for model in apps.get_app_config("journal").get_models()
        if issubclass(model, bases) and admin.site.is_registered(model)
    ]


def test_every_table_of_evidence_and_book_is_there():
    for base in (Evidence, Derived, Event):
        models = [m for m in apps.get_app_config("journal").get_models() if issubclass(m, base)]
        assert models == registered(base)


def test_evidence_and_book_are_looked_at_across_workspaces_and_never_touched(who, boss):
    import_now(who.workspace, (SAMPLES / "activity.xml").read_bytes())
    import_now(who.charlie.workspace, ROUND_TRIP)
    for model in registered(Evidence, Derived):
        assert boss.get(url(model)).status_code == 200, model
        assert boss.get(url(model, "add")).status_code == 403, model
        with scope(workspace=who.workspace):
            row = model.objects.order_by("pk").first()
        if row is not None:
            assert boss.get(url(model, "change", row.pk)).status_code == 200, model
            assert boss.post(url(model, "change", row.pk), {}).status_code == 403, model
            assert boss.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    shown = boss.get(url(Execution)).content.decode()
    assert "Alice’s journal" in shown
    assert "Charlie’s journal" in shown


def test_scopes_are_open_in_the_admin_and_nowhere_else(who, boss):
    assert boss.get("/admin/").status_code == 200
    with pytest.raises(ScopeError):
        Trade.objects.count()


def test_a_fill_is_corrected_with_a_reason_and_the_correction_withdrawn(who, boss):
    import_now(who.workspace, ROUND_TRIP)
    with scope(workspace=who.workspace):
        closing = Execution.objects.get(side="sell")
        before = Trade.objects.get().gross_pnl
    assert boss.get(url(Correction, "add")).status_code == 200
    data = {"execution_id": closing.pk, "kind": "amend", "price": "13"}
    refused = boss.post(url(Correction, "add"), data)
    assert "This field is required" in refused.content.decode()
    made = boss.post(url(Correction, "add"), {**data, "reason": "The confirmation says 13."})
    assert made.status_code == 302
    with scope(workspace=who.workspace):
        assert Trade.objects.get().gross_pnl == before + 10
        correction = Correction.objects.get()
        assert (correction.reason, correction.changes) == (
            "The confirmation says 13.",
            {"price": "13"},
        )
    assert boss.get(url(Correction, "change", correction.pk)).status_code == 200
    boss.post(url(Correction), {"action": "withdraw", "_selected_action": [correction.pk]})
    with scope(workspace=who.workspace):
        assert Trade.objects.get().gross_pnl == before


def test_the_share_of_cost_of_a_spin_off_is_stated_with_a_reason(who, boss):
    import_now(who.workspace, BOUGHT)
    import_now(who.workspace, SPUN)
    with scope(workspace=who.workspace):
        entry = Execution.objects.get(kind="corporate_action")
    data = {"execution_id": entry.pk, "kind": "share", "reason": "Form 8937."}
    assert "State the share" in boss.post(url(Correction, "add"), data).content.decode()
    assert boss.post(url(Correction, "add"), {**data, "cost_share": "20"}).status_code == 302
    with scope(workspace=who.workspace):
        assert Trade.objects.get(symbol="BABY").cost == Decimal("200.20")


def test_an_account_is_changed_with_a_reason_that_the_audit_trail_keeps(who, boss):
    import_now(who.workspace, ROUND_TRIP)
    with scope(workspace=who.workspace):
        account = BrokerAccount.objects.get()
    data = {
        "name": "Main", "base_currency": "USD", "zone": "Europe/Berlin", "statement_zone": "",
        "day_rollover_minutes": "0", "lot_method": "fifo",
    }  # fmt: skip
    address = url(BrokerAccount, "change", account.pk)
    assert boss.get(address).status_code == 200
    assert "This field is required" in boss.post(address, data).content.decode()
    assert boss.post(address, {**data, "reason": "Moved to Berlin."}).status_code == 302
    with scope(workspace=who.workspace):
        account.refresh_from_db()
    assert (account.zone, account.rebook_asked_at is not None) == ("Europe/Berlin", True)
    assert account.chosen == ["zone"]
    tasks.rebook_account(account.pk)
    trail = boss.get("/admin/journal/brokeraccountevent/").content.decode()
    assert "Moved to Berlin." in trail
    assert "admin@example.org" in trail


def test_a_contract_is_set_right_and_the_accounts_that_traded_it_are_booked_anew(who, boss):
    import_now(who.workspace, ROUND_TRIP)
    with scope(workspace=who.workspace):
        instrument, account = Instrument.objects.get(), BrokerAccount.objects.get()
        before = Trade.objects.get().gross_pnl
    data = {
        "description": "", "asset_class": "stock", "currency": "USD", "multiplier": "10",
        "tick_size": "", "reason": "A mini contract.",
    }  # fmt: skip
    answer = boss.post(url(Instrument, "change", instrument.pk), data)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    tasks.rebook_account(account.pk)
    with scope(workspace=who.workspace):
        assert Trade.objects.get().gross_pnl == before * 10
        account.refresh_from_db()
    assert account.rebook_asked_at is None
    assert "A mini contract." in boss.get("/admin/journal/instrumentevent/").content.decode()


def test_every_page_of_the_admin_s_index_opens(boss):
    for model in admin.site._registry:
        app, name = model._meta.app_label, model._meta.model_name
        assert boss.get(f"/admin/{app}/{name}/").status_code == 200, model
