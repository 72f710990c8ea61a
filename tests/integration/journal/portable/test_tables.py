"""Which tables move and which stay, and that nothing secret is among them."""

from __future__ import annotations

import json
import re
from zipfile import ZipFile

import pytest
from django.apps import apps
from django_scopes import scopes_disabled

from journal.services.portable.archive import MANIFEST
from journal.services.portable.tables import left, moved
from journal.services.portable.writing import columns_of
from tests.integration.journal.portable.archives import SECRET, written

pytestmark = pytest.mark.django_db


def test_every_table_says_whether_it_moves():
    """A new one that is in neither list fails here."""
    owned = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for columns in [columns_of(model)]
        # Of the audit trail nothing moves: it tells what happened in one place.
        if {"workspace_id", "account_id"} & set(columns) and "pgh_id" not in columns
    }
    moving = [one.name for one in moved()]
    assert len(moving) == len(set(moving))
    assert not set(moving) & set(left())
    assert owned <= {*moving, *left()}
    for one in moved():
        assert {*one.cleared, *one.people, *one.instead} <= set(columns_of(one.model)), one.name


def test_what_moves_refers_only_to_what_moves_before_it():
    known = {"accounts.Workspace", "accounts.User"}
    for one in moved():
        for field in one.model._meta.concrete_fields:
            if field.is_relation and not field.null and not field.primary_key:
                label = field.related_model._meta.label
                assert label in known or label == one.name, f"{one.name}.{field.name}"
        known.add(one.name)


def test_no_table_with_something_encrypted_moves():
    for one in moved():
        for field in one.model._meta.concrete_fields:
            named = f"{type(field).__name__} {field.name}".lower()
            assert not re.search(r"encrypt|secret|credential|password|token_?digest", named), named


def test_nothing_secret_is_in_it(who):
    stream = written(who)
    with scopes_disabled():
        tokens = [one.digest for one in apps.get_model("accounts", "ApiToken").objects.all()]
        hashes = list(apps.get_model("accounts", "User").objects.values_list("password", flat=True))
    with ZipFile(stream) as archive:
        whole_of_it = b"".join(archive.read(name) for name in archive.namelist()).decode()
        told = json.loads(archive.read(MANIFEST))
    for secret in (SECRET, *tokens, *hashes):
        assert secret not in whole_of_it
    assert told["left"]["journal.Connection"].startswith("holds or stands for a secret")
    assert "Charlie" not in whole_of_it
