"""An account is erased: nothing that was learnt of it is left in any table, and what people said is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from journal.models import BrokerAccount, Recommendation
from journal.services.erasure import ask_erasure, erase_account
from learning.models import (
    ExposureReading,
    LearningSettings,
    ParameterAnswer,
    ParameterVersion,
    ReportPicture,
    ReturnState,
    StepFailure,
    SymbolChange,
    SymbolStanding,
    TradeFact,
    Trial,
)
from learning.services import forgetting, symbols, versions
from learning.services.asking import ask
from learning.services.locks import Locked
from tests import captures, people
from tests.integration.learning.closes import report, round_trip
from tests.integration.learning.held import advisory_locks
from tests.web.learning import whole

pytestmark = pytest.mark.django_db

SECRET = "GONEX"
GROUPS = (
    forgetting.DERIVED, forgetting.BY_ACCOUNT, forgetting.COUNTED_AGAIN, forgetting.VERSIONS, forgetting.SAID_BY_PEOPLE,
)  # fmt: skip


def owned() -> set[Any]:
    """Every table of the learner whose rows are somebody's."""
    models = apps.get_app_config("learning").get_models(include_auto_created=True)
    return {
        model
        for model in models
        if {"workspace_id", "account_id"} & {field.attname for field in model._meta.concrete_fields}
    }


def saying(text: str, models: set[Any]) -> set[str]:
    """Tables in which any column of any row holds it."""
    found = set()
    with scopes_disabled():
        for model in models:
            table = model._meta.db_table
            rows = model._base_manager.raw(f'SELECT * FROM "{table}" t WHERE strpos(t::text, %s) > 0', [text])  # fmt: skip
            found |= {model.__name__} if list(rows) else set()
    return found


def rows_of(workspace_id: int) -> dict[str, int]:
    with scopes_disabled():
        counted = {one.__name__: one._base_manager.filter(workspace_id=workspace_id).count() for one in owned()}  # fmt: skip
    return {name: count for name, count in counted.items() if count}


@pytest.fixture
def who():
    """Two accounts of Alice's: the one that goes traded SECRET alone. Something of it is in every table."""
    who = people.everybody()
    workspace = who.workspace
    with scope(workspace=workspace):
        captures.account_of(workspace)
        captures.account_of(workspace, "U2")
        report(who.alice, *round_trip(1, symbol=SECRET), *round_trip(2, symbol=SECRET, end="99"))
        report(who.alice, *round_trip(3, symbol="KEPT", account="U2"))
        versions.change_settings(who.alice, start={"iv_rank_min": 40})
        whole.learnt(workspace.pk, SECRET)
        everything_else(who)
    return who


def everything_else(who) -> None:
    """What `learnt` leaves out."""
    own = {"workspace_id": who.workspace.pk}
    now = timezone.now()
    Trial.objects.create(**own, kind="slice", name=f"symbol:{SECRET}", first_at=now, last_at=now)
    StepFailure.objects.create(**own, kind="exits", as_of=now, words=SECRET, failed_at=now)
    ExposureReading.objects.create(**own, on=now.date(), taken_at=now, positions=1, result={"books": [SECRET]})  # fmt: skip
    told = apps.get_model("learning", "Report").objects.first()
    ReportPicture.objects.create(**own, report=told, name="a", says=SECRET, png=b"1")
    ask(who.workspace.pk, "token:1", "bot")
    ask(who.workspace.pk, "person:1", SECRET)
    ParameterVersion.objects.filter(number=1).update(effective={"blacklist": [SECRET]})
    symbols.put(who.alice, SECRET, "paper_only", reason="It lost")
    symbols.put(who.alice, "KEPT", "reduced", reason="Too wild")
    symbols.put(who.alice, "NEVER", "paper_only", reason="No meme")


def erase(who, number: str = captures.ACCOUNT) -> None:
    with scope(workspace=who.workspace):
        account = BrokerAccount.objects.get(broker_id=number)
        ask_erasure(account, confirm=number, reason="", author_id=None)
        erase_account(account)


def test_every_table_of_the_learner_says_what_becomes_of_it():
    """One that is new and in no list fails here."""
    known = [model for group in GROUPS for model in group]
    assert len(known) == len(set(known))
    assert set(known) == owned()


def test_nothing_of_the_account_is_left_in_any_table(who):
    before = rows_of(who.workspace.pk)
    assert set(before) >= {one.__name__ for one in owned()} - {"BookChange"}
    assert saying(SECRET, owned())
    erase(who)
    assert saying(SECRET, owned()) == set()
    left = set(rows_of(who.workspace.pk))
    derived = {one.__name__ for one in forgetting.DERIVED} - {"SymbolStanding"}
    assert not left & derived
    with scope(workspace=who.workspace):
        assert set(TradeFact.objects.values_list("account__broker_id", flat=True)) == {"U2"}
        assert not ReturnState.objects.exists()


def test_what_people_said_stays_and_scanners_go_on_with_a_number_of_its_own(who):
    with scope(workspace=who.workspace):
        newest = ParameterVersion.objects.exclude(number=None).order_by("-number").first().number
    erase(who)
    with scope(workspace=who.workspace):
        assert LearningSettings.objects.get().start == {"iv_rank_min": 40.0}
        (version,) = ParameterVersion.objects.all()
        assert version.number == newest + 1
        assert version.effective["iv_rank_min"] == 40
        assert not ParameterAnswer.objects.exists()
        changes = SymbolChange.objects.order_by("symbol").values_list("symbol", "reason", "n", "evidence")  # fmt: skip
        assert list(changes) == [("KEPT", "Too wild", 0, {}), ("NEVER", "No meme", 0, {})]
        standings = dict(SymbolStanding.objects.values_list("symbol", "standing"))
        assert standings == {"KEPT": "reduced", "NEVER": "paper_only"}
        assert ask(who.workspace.pk, "token:1", "bot").told["version"] == newest + 1


def test_others_keep_all_of_theirs(who):
    with scope(workspace=who.charlie.workspace):
        report(who.charlie, *round_trip(1, symbol=SECRET))
        whole.a_claim(who.charlie.workspace_id, SECRET)
        whole.a_prediction(who.charlie.workspace_id, SECRET)
        whole.period_report(who.charlie.workspace_id, SECRET)
        whole.a_step_of_a_symbol(who.charlie.workspace_id, SECRET)
    before = rows_of(who.charlie.workspace_id)
    erase(who)
    assert rows_of(who.charlie.workspace_id) == before


def test_what_is_left_is_learnt_anew_monday_by_monday(who, monkeypatch):
    asked = []
    monkeypatch.setattr("common.queue.enqueue", lambda task, *args: asked.append((task.name.rpartition(".")[2], args)))  # fmt: skip
    erase(who)
    own = (who.workspace.pk,)
    assert {("learn_past", own), ("measure_returns", own), ("expose", own)} <= set(asked)


def test_a_proposal_of_the_account_is_predicted_no_more(who):
    """Predictions name proposals without a constraint: none may point to nothing."""
    with scope(workspace=who.workspace):
        assert apps.get_model("learning", "Prediction").objects.exists()
    erase(who)
    with scope(workspace=who.workspace):
        known = set(Recommendation.objects.values_list("pk", flat=True))
        told = apps.get_model("learning", "Prediction").objects.values_list("recommendation_id", flat=True)  # fmt: skip
        assert set(told) <= known


def test_whoever_is_at_work_with_what_is_erased_is_waited_for(who):
    """Else what they have read already would be written after it was forgotten."""
    assert (Locked.EXPOSING.value, who.workspace.pk) not in advisory_locks()
    with scope(workspace=who.workspace):
        forgetting.forget_account(who.workspace.pk)
    assert advisory_locks() >= {(one.value, who.workspace.pk) for one in Locked}


def test_forgetting_twice_changes_nothing(who):
    erase(who)
    with scope(workspace=who.workspace):
        (first,) = ParameterVersion.objects.values_list("effective", flat=True)
        before = rows_of(who.workspace.pk)
        forgetting.forget_account(who.workspace.pk)
        assert rows_of(who.workspace.pk) == before
        assert ParameterVersion.objects.get().effective == first
        assert timezone.now() - ParameterVersion.objects.get().as_of < timedelta(minutes=1)
