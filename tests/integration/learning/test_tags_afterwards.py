"""Tags by whoever knew how it had gone: looked at, and never a claim."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from journal.models import Trade
from journal.services.annotations import tag_trade
from learning.models import Claim, TradeFact
from learning.selectors.book import digest_of
from learning.services import measuring
from learning.services.learner import learn
from learning.services.running import read
from tests import captures, people
from tests.integration.learning.closes import FIRST, report, round_trip
from tests.integration.learning.invented import after, invent
from tests.web.learning.test_claim_pages import text_of

HOUR = timedelta(hours=1)
OPENED = FIRST + timedelta(days=1)


def told_afterwards(workspace, is_late: bool):
    """Two hundred trades of which nearly every loss is tagged, and a run over them."""
    facts = invent(workspace, 200)
    for number, one in enumerate(facts):
        one.tags = ["mistake"] if (one.result < 0) is not (number % 12 == 0) else []
        one.late = [f"tag:{name}" for name in one.tags] if is_late else []
        one.digest = digest_of(one)
    TradeFact.objects.bulk_update(facts, ["tags", "late", "digest"])
    return read({run.kind: run for run in learn(workspace.pk, as_of=after(facts))}["what_works"])


@pytest.mark.parametrize("is_late", [True, False])
def test_a_tag_that_knows_the_outcome_is_no_claim(owner, workspace, is_late):
    told = told_afterwards(workspace, is_late)
    raised = set(Claim.objects.values_list("subject", flat=True))
    assert ("tag:mistake:yes" in raised) is not is_late
    assert "tag:mistake:no" not in raised, "the same claim a second time"
    assert [one for one in raised if one.startswith("tag:mistake") and is_late] == []
    assert told["afterwards"] == (["tag:mistake"] if is_late else [])
    assert told["leaks"] == []
    assert "tag:mistake" in {one["name"] for one in told["breakdowns"]}
    page = text_of(people.browser(owner).get("/learning/what-works?by=tag:mistake"))
    assert ("put on trades after their end" in page) is is_late


def test_a_claim_is_looked_at_no_more_once_it_knows_the_outcome(workspace):
    told_afterwards(workspace, is_late=False)
    claim = Claim.objects.get(subject="tag:mistake:yes")
    last = TradeFact.objects.order_by("-known_at").first().known_at
    more = invent(workspace, 100, first=200)
    for one in more:
        one.tags, one.late = (["mistake"], ["tag:mistake"]) if one.result < 0 else ([], [])
        one.digest = digest_of(one)
    TradeFact.objects.bulk_update(more, ["tags", "late", "digest"])
    assert after(more) > last
    learn(workspace.pk, as_of=after(more))
    claim.refresh_from_db()
    assert (claim.state, claim.looks, claim.new) == ("raised", 0, 0)


def test_a_tag_is_of_the_moment_at_which_it_was_put_on(owner, workspace):
    opening, closing = round_trip(1)
    with time_machine.travel(f"{OPENED - HOUR:%Y-%m-%dT%H:%M}Z", tick=False):
        captures.account_of(workspace)
    for at, tag in ((HOUR / 2, "early"), (2 * HOUR, "late")):
        with time_machine.travel(f"{OPENED + at:%Y-%m-%dT%H:%M}Z", tick=False):
            report(owner, opening if tag == "early" else closing)
            tag_trade(Trade.objects.get(), name=tag, author_id=None)
    measuring.measure(workspace.pk)
    fact = TradeFact.objects.get()
    assert (fact.tags, fact.late) == (["early", "late"], ["tag:late"])
