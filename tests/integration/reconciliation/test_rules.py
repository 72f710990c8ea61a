"""Two people have to agree: switched on at once, off only with another owner or after a time, and never untold."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.roles import Role
from accounts.services.workspaces import add_member
from common.errors import Conflict, Forbidden, Rejected
from reconciliation import tasks
from reconciliation.models import ReconciliationRules
from reconciliation.services import rules, telling
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(rules, "tell", lambda topic, **news: said.append(news["subject"]))
    assert telling.DIVERGENCES
    return said


@pytest.fixture
def alice(workspace):
    held = people.alice()
    rules.change_rules(held, four_eyes=True, resolves_by_rule=True)
    return held


@pytest.fixture
def dora(alice):
    made, _ = add_member(
        people.person("dora@example.org"), workspace=alice.workspace, role=Role.OWNER
    )
    return made


def off(who, reason="We are three now."):
    return rules.change_rules(who, four_eyes=False, resolves_by_rule=True, reason=reason)


def is_on() -> bool:
    return ReconciliationRules.objects.get().four_eyes


def test_another_owner_has_to_agree(alice, dora, told):
    waiting = off(alice)
    assert (waiting.four_eyes, waiting.off_applies_at) == (True, None)
    with pytest.raises(Forbidden):
        rules.agree_off(alice)
    rules.agree_off(dora)
    assert not is_on()
    assert len(told) == 2
    with pytest.raises(Conflict):
        rules.agree_off(dora)


def test_where_there_is_no_other_owner_time_has_to_pass(alice, told, settings):
    settings.GUARD_COOLING_HOURS = 2
    people.bob(alice.workspace, role=Role.TRADER)
    waiting = off(alice)
    tasks.tend_guards()
    assert is_on()
    # Asking again does not begin anew, and does not hurry it.
    assert off(alice).off_applies_at == waiting.off_applies_at
    with time_machine.travel(waiting.off_applies_at + timedelta(seconds=1)):
        tasks.tend_guards()
    assert not is_on()
    assert len(told) == 2


def test_an_owner_who_comes_meanwhile_has_to_agree(alice, told):
    waiting = off(alice)
    add_member(people.person("dora@example.org"), workspace=alice.workspace, role=Role.OWNER)
    assert rules.apply_due(waiting.off_applies_at + timedelta(hours=1)) == 0
    assert is_on()
    assert ReconciliationRules.objects.get().off_asked_at is not None


def test_it_is_refused_or_taken_back(alice, dora, told):
    off(alice)
    rules.keep_on(dora)
    off(alice)
    # Saving something else does not take it back in passing.
    rules.change_rules(alice, four_eyes=True, resolves_by_rule=False)
    assert ReconciliationRules.objects.get().off_asked_at is not None
    rules.keep_on(alice)
    with pytest.raises(Conflict):
        rules.agree_off(dora)
    assert is_on()


def test_a_reason_is_asked_for_and_a_trader_does_not_decide(alice, told):
    with pytest.raises(Rejected):
        off(alice, reason=" ")
    with pytest.raises(Forbidden):
        off(people.bob(alice.workspace, role=Role.TRADER))
    assert is_on()
    assert ReconciliationRules.objects.get().off_asked_at is None
    assert told == []


def test_every_change_leaves_a_trace_with_its_reason(alice, dora):
    off(alice)
    rules.agree_off(dora)
    trail = ReconciliationRules.pgh_event_model.objects.order_by("pgh_id")
    assert list(trail.values_list("four_eyes", flat=True)) == [False, True, True, False]
    assert [one.pgh_context.metadata.get("reason") for one in trail if one.pgh_context][-2:] == [
        "We are three now.",
        "We are three now.",
    ]
    assert timezone.now() - trail.last().pgh_created_at < timedelta(minutes=1)
