"""Plans over the API: an answer says how the plan stands after what was asked, not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def bot():
    return people.bot(people.alice())


def test_every_step_is_answered_with_how_it_stands_now(bot):
    bot.post("/api/plans", {"plan_id": "p-1", "symbol": "ACME"}, format="json")
    for status in ("triggered", "cancelled", "pending", "failed"):
        answer = bot.post("/api/plans/p-1/status", {"status": status}, format="json")
        assert answer.status_code == 200, answer.content
        said = answer.json()
        assert said["status"] == said["changes"][-1]["status"] == status
        assert said == bot.get("/api/plans/p-1").json()


def test_a_revision_that_gives_it_more_time_is_answered_with_how_it_stands_now(bot):
    now = timezone.now()
    past, later = ((now + timedelta(days=days)).isoformat() for days in (-1, 1))
    plan = {"plan_id": "p-1", "symbol": "ACME", "expires_at": past}
    assert bot.post("/api/plans", plan, format="json").json()["status"] == "expired"
    answer = bot.patch("/api/plans/p-1", {"expires_at": later}, format="json")
    assert answer.json()["status"] == "pending" == bot.get("/api/plans/p-1").json()["status"]
