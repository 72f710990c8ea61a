"""Reconciliation in the admin: all of it to look at, tolerances to set with a reason."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django_scopes import scope

from accounts.models import User
from journal.domain.values import AssetClass
from reconciliation.models import Tally, ToleranceVersion
from reconciliation.selectors.rules import tolerances_of
from tests import people
from tests.web.reconciliation import rows
from tests.web.reconciliation.whole import one_of_each

pytestmark = pytest.mark.django_db
USUAL = {
    "steps": "0", "ticks": "1", "ratio": "0.0001", "average_ratio": "0.0001", "realized": "0.01",
    "realized_ratio": "0.0005", "cash": "0.01", "fee": "0.01", "time": "120",
}  # fmt: skip


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def boss(who) -> Client:
    client = Client()
    client.force_login(User.objects.get(email="admin@example.org"))
    return client


def url(model, *more: str) -> str:
    return "/".join(["/admin/reconciliation", model._meta.model_name, *more, ""])


def models() -> list:
    found = apps.get_app_config("reconciliation").get_models()
    return [model for model in found if admin.site.is_registered(model)]


def test_every_table_is_there_but_counters():
    missing = set(apps.get_app_config("reconciliation").get_models()) - set(models())
    assert missing == {Tally}


def test_names_in_the_admin_have_their_plural():
    names = {str(model._meta.verbose_name_plural) for model in models()}
    assert not [name for name in names if name.endswith(("chs", "ys", "at events", "ss"))]


def test_what_was_read_found_and_done_is_looked_at_and_never_touched(who, boss):
    with scope(workspace=who.workspace):
        one_of_each(rows.account(who.workspace))
    with scope(workspace=who.charlie.workspace):
        one_of_each(rows.account(who.charlie.workspace, "U9"))
    seen = 0
    for model in models():
        page = boss.get(url(model))
        assert page.status_code == 200, model
        if model is ToleranceVersion:
            continue
        assert boss.get(url(model, "add")).status_code == 403, model
        with scope(workspace=who.workspace):
            row = getattr(model, "objects", model._default_manager).order_by("pk").first()
        if row is None:
            continue
        seen += 1
        assert boss.get(url(model, str(row.pk), "change")).status_code == 200, model
        assert boss.post(url(model, str(row.pk), "change"), {}).status_code == 403, model
        assert boss.post(url(model, str(row.pk), "delete"), {"post": "yes"}).status_code == 403
    assert seen > 10


def test_differences_and_guards_lead_to_the_pages_where_they_are_settled(who, boss):
    with scope(workspace=who.workspace):
        ids = one_of_each(rows.account(who.workspace))
    text = boss.get("/admin/reconciliation/divergence/").content.decode()
    assert f'href="/reconciliation/divergences/{ids["divergences"]}"' in text
    assert f'/{ids["guards"]}"' in boss.get("/admin/reconciliation/guard/").content.decode()


def test_a_tolerance_is_set_with_a_reason_and_the_former_stays(who, boss):
    add = url(ToleranceVersion, "add")
    assert boss.get(add).status_code == 200
    said = {"of_workspace": who.workspace.pk, "asset_class": "crypto", **USUAL, "cash": "0.5"}
    assert "This field is required" in boss.post(add, said).content.decode()
    assert boss.post(add, {**said, "reason": "Dust."}).status_code == 302
    assert boss.post(add, {**said, "cash": "1", "reason": "More dust."}).status_code == 302
    with scope(workspace=who.workspace):
        newest, first = ToleranceVersion.objects.all()
        assert (first.number, newest.number, newest.reason) == (1, 2, "More dust.")
        assert newest.actor == "admin@example.org"
        counted = tolerances_of(who.workspace.pk).of(AssetClass.CRYPTO)
        assert counted.cash == Decimal(1)
    assert boss.post(url(ToleranceVersion, str(newest.pk), "change"), said).status_code == 403


def test_the_admin_is_closed_to_others(who):
    for person in (who.alice, who.bob):
        answer = people.browser(person).get("/admin/reconciliation/divergence/")
        assert answer.status_code in (302, 403)
