"""Tighter at once, looser with a second person or after a while, and never below what the installation asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from reconciliation.domain.guards.changes import (
    Change,
    Refused,
    Version,
    check,
    loosened,
    undercuts,
)
from reconciliation.domain.guards.limits import Basis, Limit, Measure, Reference
from reconciliation.domain.guards.machine import Blindness, Settings
from reconciliation.domain.guards.presets import Scope

NOW = datetime(2026, 6, 1, 14, tzinfo=UTC)
DAY = timedelta(days=1)
LIMIT = Limit(Basis.EQUITY, Reference.HIGH, Decimal("0.1"), Measure.OF_REFERENCE)
SET = Version(LIMIT, Settings(blindness=Blindness.BLOCK_NEW), Scope.UNTIL_ARMED, True, True)

LOOSER = {
    "is_armed": SET._replace(is_armed=False),
    "limit": SET._replace(limit=LIMIT._replace(amount=Decimal("0.11"))),
    "limit of another thing": SET._replace(limit=LIMIT._replace(measured=Basis.BALANCE)),
    "limit that locks": SET._replace(limit=LIMIT._replace(locks_at=Decimal(0))),
    "scope": SET._replace(scope=Scope.DAY),
    "closes": SET._replace(closes=False),
    "tiers": SET._replace(settings=SET.settings._replace(tiers=(Decimal("0.9"),))),
    "tiers away": SET._replace(settings=SET.settings._replace(tiers=())),
    "confirmations": SET._replace(settings=SET.settings._replace(confirmations=3)),
    "confirm_for": SET._replace(settings=SET.settings._replace(confirm_for=timedelta(seconds=9))),
    "hard": SET._replace(settings=SET.settings._replace(hard=Decimal(2))),
    "silence": SET._replace(settings=SET.settings._replace(silence=timedelta(hours=1))),
    "blindness": SET._replace(settings=SET.settings._replace(blindness=Blindness.ALERT_ONLY)),
}


@pytest.mark.parametrize("name", LOOSER)
def test_what_protects_less_is_named(name):
    assert loosened(SET, LOOSER[name]) == (name.partition(" ")[0],)
    assert undercuts(SET._replace(is_armed=False), LOOSER[name]) == loosened(SET, LOOSER[name])


@pytest.mark.parametrize("name", LOOSER.keys() - {"limit of another thing"})
def test_the_way_back_is_tighter(name):
    assert loosened(LOOSER[name], SET) == ()


def test_what_is_not_armed_may_be_changed_freely():
    assert loosened(SET._replace(is_armed=False), LOOSER["limit"]) == ()


def applied(
    name: str, *, approved_by: int | None = None, others: int = 0, after: timedelta = timedelta()
):
    change = Change(1, NOW, SET, LOOSER[name] if name else SET)
    check(change, NOW + after, approved_by=approved_by, others=others, cooling=DAY)


def test_looser_needs_a_second_person_where_there_is_one():
    with pytest.raises(Refused, match="somebody else"):
        applied("limit", others=1, after=9 * DAY)
    with pytest.raises(Refused, match="somebody else"):
        applied("limit", approved_by=1, others=1)
    applied("limit", approved_by=2, others=1)


def test_alone_one_cools_off_first():
    with pytest.raises(Refused, match="applies from 2026-06-02 14:00 UTC"):
        applied("is_armed", after=DAY - timedelta(seconds=1))
    applied("is_armed", after=DAY)


def test_tighter_applies_at_once():
    applied("", others=5)
    tighter = SET._replace(limit=LIMIT._replace(amount=Decimal("0.05")))
    check(Change(1, NOW, SET, tighter), NOW, approved_by=None, others=5, cooling=DAY)
