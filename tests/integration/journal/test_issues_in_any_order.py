"""What booking tells is what a rebuild would tell: after each file, in any order of files, and after each undo."""

from __future__ import annotations

from itertools import islice, permutations

import pytest
from django_scopes import scope

from journal.models import BrokerAccount, DataIssue
from journal.services.booking.rebook import rebook_account
from tests import effort, people
from tests.brokers.ibkr_flex.flex import statement
from tests.doors import import_now, undo
from tests.integration.journal.test_flex_book import flex
from tests.integration.journal.test_openings import OTHER, fill, position


def told() -> list[tuple[str, str | None, str]]:
    rows = DataIssue.objects.filter(batch=None)
    return sorted(rows.values_list("code", "execution__fill_key", "message"))


def told_by_a_rebuild() -> list[tuple[str, str | None, str]]:
    rebook_account(BrokerAccount.objects.get())
    return told()


def states(quantity: str, day: str, **changes: str) -> str:
    return flex(OpenPositions=[position(quantity, day=day, **changes)])


FLAT = [fill(2, "10", "10"), fill(3, "-10", "12", "18")]
OPEN = [*FLAT, fill(20, "4", "9")]
# Of another trade than those: booked by itself.
LATER = flex(Trades=[fill(21, "2", "11", dateTime="20260720;100000")])
CASES = {
    "a trade after an unexplained position": (flex(Trades=FLAT), states("7", "20260630"), LATER),
    "an earlier day explains it": (
        flex(Trades=OPEN), states("7", "20260630"), states("4", "20260625"),
    ),
    "an earlier day of another instrument": (
        flex(Trades=OPEN), states("7", "20260630"), states("1", "20260610", **OTHER),
    ),
    "an earlier day that is unexplained too": (
        flex(Trades=OPEN), states("7", "20260630"), states("9", "20260625"),
    ),
    "two reports of one day that differ": (
        flex(Trades=OPEN), states("7", "20260630"), states("9", "20260630", markPrice="11"),
    ),
    "days before the first movement": (
        flex(Trades=OPEN), states("7", "20260520"), states("4", "20260525"),
    ),
    "a trade after a stated cost that differs": (
        flex(Trades=[fill(2, "10", "10"), fill(3, "-6", "12", "28.4"),
                     fill(4, "-14", "13", dateTime="20260710;100000")]),
        states("14", "20260630", costBasisMoney="50"), LATER,
    ),
    "a trade after reports that differ": (
        statement(*FLAT), statement(fill(2, "10", "10.5")), LATER,
    ),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES)
def test_issues_are_those_of_a_rebuild(case):
    for number, files in enumerate(islice(permutations(CASES[case]), None, None, effort.stride(2))):
        workspace = people.owner(f"p{number}@example.org", workspace_name=f"P{number}").workspace
        with scope(workspace=workspace.pk):
            batches = []
            for content in files:
                batches.append(import_now(workspace, content))
                assert told() == told_by_a_rebuild()
            for batch in batches:
                undo(workspace, batch)
                assert told() == told_by_a_rebuild()
