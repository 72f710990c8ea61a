"""Who gets in: no form without its token, no action in the admin, no secret in any table as it is."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from accounts.models import User
from journal.brokers.fetchers import get_fetcher
from journal.services.bridges.connecting import connect_bridge
from journal.services.pulls.connections import create_connection
from reconciliation.models import Divergence, Guard
from reconciliation.urls import urlpatterns
from tests import people
from tests.web.reconciliation import rows
from tests.web.reconciliation.whole import one_of_each

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def ids(who):
    with scope(workspace=who.workspace):
        return one_of_each(rows.account(who.workspace))


def doors():
    for one in urlpatterns:
        names = list(one.pattern.converters)
        yield reverse(f"reconciliation:{one.name}", kwargs=dict.fromkeys(names, 1))


def test_no_form_is_taken_without_its_token(who, ids):
    client = Client(enforce_csrf_checks=True)
    client.force_login(who.alice.user)
    with scope(workspace=who.workspace):
        before = [list(model.objects.order_by("pk").values()) for model in (Divergence, Guard)]
    found = [*doors(), reverse("journal:cash-new")]
    assert len(found) > 15
    for url in found:
        answer = client.post(url, {"reason": "x", "step": "settle"})
        assert answer.status_code == 403, url
    with scope(workspace=who.workspace):
        after = [list(model.objects.order_by("pk").values()) for model in (Divergence, Guard)]
    assert before == after


def test_the_admin_has_no_action_that_changes_anything(who, ids):
    boss = Client()
    boss.force_login(User.objects.get(email="admin@example.org"))
    of_ours = [one for one in admin.site._registry if one._meta.app_label == "reconciliation"]
    assert len(of_ours) > 10
    for model in of_ours:
        manager = model._default_manager
        with scope(workspace=who.workspace):
            before = manager.count()
            chosen = list(manager.values_list("pk", flat=True)[:3])
        said = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
        answer = boss.post(f"/admin/reconciliation/{model._meta.model_name}/", said)
        assert answer.status_code < 500
        with scope(workspace=who.workspace):
            assert manager.count() == before, model


SECRET = "h3llo-nobody-reads-this"


def test_no_secret_stands_in_any_table(who, settings):
    """Every table of the database, the audit trail among them, is looked through for the words themselves."""
    with scope(workspace=who.workspace):
        made = create_connection(
            who.workspace.pk, get_fetcher("ibkr_flex"), {"token": SECRET, "query_id": "1"}, name="Flex", user_id=None
        )  # fmt: skip
        made.name = "Flex, renamed"
        made.save()
        _, bridged = connect_bridge(who.workspace.pk, user_id=None)
    for words in (SECRET, bridged):
        assert list(tables_with(words)) == []
    assert "journal_connectionevent" in tables_with("Flex, renamed")


def tables_with(words: str):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        names = [name for (name,) in cursor.fetchall()]
        found = []
        for name in names:
            cursor.execute(
                f'SELECT 1 FROM "{name}" AS one WHERE position(%s IN one::text) > 0 LIMIT 1',
                [words],
            )
            if cursor.fetchone():
                found.append(name)
    return found
