"""Guards from rules of firms, and what is kept of all that guards saw."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest

from common.errors import NotFound
from reconciliation.domain.guards.machine import State
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.models import GuardFiring, GuardSample
from reconciliation.services.guards.changing import ask_change
from reconciliation.services.guards.keeping import version_of
from reconciliation.services.guards.presetting import create_from_preset, version_of_preset
from reconciliation.services.thinning import thin_samples
from tests.guarding import account, at, guard, look
from tests.people import alice

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slug", PRESETS)
def test_a_guard_begins_with_the_rule_as_it_stood_on_its_day(workspace, slug):
    row = create_from_preset(alice(), account(workspace), slug, at(0))
    preset = PRESETS[slug]
    assert (row.preset, row.name, row.state) == (slug, preset.name, State.ARMED)
    assert version_of(row).limit == preset.limit
    assert (version_of(row).day.zone, version_of(row).closes) == (preset.zone, False)
    assert row.version.reason == f"{preset.name}, as it stood on 2026-11-01."


def test_it_is_a_guard_like_any_other(workspace):
    plain = version_of_preset(PRESETS["drawdown"])
    mine = plain._replace(limit=plain.limit._replace(amount=D("0.08")))
    row = create_from_preset(alice(), account(workspace), "drawdown", at(0), version=mine, name="Mine")  # fmt: skip
    assert (row.name, row.version.reason[-9:]) == ("Mine", ", edited.")
    looser = ask_change(row, plain, alice(), at(60), reason="Too tight")
    assert looser.loosens == ["limit"]


def test_a_rule_that_nobody_knows(workspace):
    with pytest.raises(NotFound, match="There is no rule called “moon”"):
        create_from_preset(alice(), account(workspace), "moon", at(0))


def test_old_samples_go_but_for_one_an_hour_and_what_led_to_something(workspace):
    """Twelve quiet hours, then a warning, then the hour before it fires, with a reading every ten minutes."""
    one = account(workspace)
    row = guard(workspace, one)
    other = guard(workspace, account(workspace, "G2"))
    look(other.account, 0, "10000")
    ten = 600
    for count in range(72):
        look(one, ten * count, "10000")
    look(one, ten * 72, "9550")
    for count in range(73, 90):
        look(one, ten * count, "9500")
    look(one, ten * 90, "5000")
    assert GuardFiring.objects.get(guard=row).fired_at == at(ten * 90)
    assert thin_samples(before=at(0)) == 0
    gone = thin_samples(before=at(ten * 90) + timedelta(days=1))
    kept = list(GuardSample.objects.filter(guard=row).order_by("at").values_list("at", flat=True))
    minutes = [int((moment - at(0)).total_seconds() // 60) for moment in kept]
    quiet = [60 * hour - 10 for hour in range(1, 13)]
    assert minutes == [*quiet, 720, 770, 830, 840, 850, 860, 870, 880, 890, 900]
    assert gone == 91 - len(kept)
    assert GuardSample.objects.filter(guard=other).count() == 1
    assert thin_samples(before=at(ten * 90) + timedelta(days=1)) == 0
