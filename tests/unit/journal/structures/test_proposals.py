"""Which legs are probably one structure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.structures.proposals import CROWD, OpenedLeg, Proposals, Reason, propose
from journal.domain.structures.shape import Kind
from tests.unit.journal.structures.legs import leg

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
# `3: -1P95 30-400 d x t9 @B`: leg 3, opened in second 30, closed in second 400; of a day only; expired; in trade 9; of B.
LEG = re.compile(r"(\d+):([+-][\d.]+[PCSF][\d.]*)(?:/(\d+))? (\d+)(?:-(\d+))?((?: \S+)*)")


def read(text: str) -> list[OpenedLeg]:
    legs = []
    for line in filter(None, (one.strip() for one in text.split(","))):
        found = LEG.fullmatch(line)
        assert found is not None, line
        number, what, expiry, opened, closed, marks = found.groups()
        said = marks.split()
        given_leg = leg(f"{what}@1/{expiry or 30}")
        trade = next((int(one[1:]) for one in said if one[0] == "t"), int(number))
        legs.append(
            OpenedLeg(
                id=int(number),
                trade_id=trade,
                underlying=next((one[1:] for one in said if one[0] == "@"), "A"),
                terms=given_leg.terms,
                signed_quantity=given_leg.signed_quantity,
                opened_at=START + timedelta(seconds=int(opened)),
                closed_at=START + timedelta(seconds=int(closed)) if closed else None,
                is_day_only="d" in said,
                is_traded_out="x" not in said,
            )
        )
    return legs


def told(found: Proposals) -> list[str]:
    return [
        f"{','.join(map(str, each.leg_ids))} {each.shape.name if each.shape else 'roll'}"
        + (" ?" if each.is_ambiguous else "")
        for each in found.proposals
    ]


@pytest.mark.parametrize(
    ("legs", "proposals"),
    [
        ("1:-1P95 0, 2:+1P90 2", ["1,2 bull put spread"]),
        # More than a minute, another underlying, already joined, quantities that fit nothing.
        ("1:-1P95 0, 2:+1P90 61", []),
        ("1:-1P95 0, 2:+1P90 2 @B", []),
        ("1:-1P95 0 t1, 2:+1P90 0 t1", []),
        ("1:-1P95 0, 2:+7P90 0", []),
        ("1:-1P95 0, 2:-1P90 0", []),
        # The same contract twice.
        ("1:-1P95 0-20, 2:-1P95 30", []),
        # The condor, and not the spreads in it.
        ("1:+1P90 0, 2:-1P95 0, 3:-1C105 1, 4:+1C110 1", ["1,2,3,4 iron condor"]),
        ("1:+1C90 0, 2:-2C100 0, 3:+1C110 0", ["1,2,3 long call butterfly"]),
        ("1:-1C100/30 0, 2:+1C100/60 9", ["1,2 call calendar"]),
        ("1:+1F30 0, 2:-1F90 9", ["1,2 future calendar spread"]),
        ("1:+100S 0, 2:-1C55 5", ["1,2 covered call"]),
        ("1:+100S 0, 2:-1C55 5, 3:+1P45 5", ["1,2,3 collar"]),
        # Two spreads that belong together in more than one way.
        (
            "1:+1P80 0, 2:-1P85 0, 3:+1P90 0, 4:-1P95 0",
            [
                "1,2 bull put spread ?",
                "1,4 bull put spread ?",
                "2,3 bear put spread ?",
                "3,4 bull put spread ?",
            ],
        ),
        # Sizes tell them apart.
        (
            "1:+1P80 0, 2:-1P85 0, 3:+4P90 0, 4:-4P95 0",
            ["1,2 bull put spread", "3,4 bull put spread"],
        ),
        # Puts of three strikes, one too many.
        ("1:-1P95 0, 2:+1P90 0, 3:+1P85 0", ["1,2 bull put spread ?", "1,3 bull put spread ?"]),
        # Calls written against shares that were held, one after another.
        (
            "1:+100S 0, 2:-1C55 500-900, 3:-1C56 1000",
            ["1,2 covered call", "1,3 covered call"],
        ),
        ("1:+100S 0-300, 2:-1C55 500", []),
        ("1:+99S 0, 2:-1C55 500", []),
        ("1:+200S 0, 2:-1C55 500, 3:-1C56 800", ["1,2 covered call", "1,3 covered call"]),
        # Only one of them is covered, and nobody knows which.
        ("1:+100S 0, 2:-1C55 500, 3:-1C56 800", ["1,2 covered call ?", "1,3 covered call ?"]),
        ("1:+100S 0, 2:+1P45 500, 3:-1C56 800", ["1,2 protective put", "1,3 covered call"]),
        # A call that could be of a spread too.
        (
            "1:+100S 0, 2:-1C55 500, 3:+1C60 500",
            ["1,2 covered call ?", "2,3 bear call spread ?"],
        ),
        # Rolls: closed by a trade when one like it was opened.
        ("1:-1P95 0-500, 2:-1P92/60 510", ["1,2 roll"]),
        ("1:-1P95 0-500 x, 2:-1P92/60 510", []),
        ("1:-1P95 0-500, 2:-1P92/60 561", []),
        ("1:-1P95 0-500, 2:-2P92/60 510", []),
        ("1:-1P95 0-500, 2:+1P92/60 510", []),
        ("1:-1P95 0-500, 2:-1C92/60 510", []),
        ("1:-1P95 0-500, 2:-1P95 510", []),
        ("1:-1P95 0-500, 2:-1P92/60 510, 3:-1P91/60 520", ["1,2 roll ?", "1,3 roll ?"]),
        ("1:+1F30 0-500, 2:+1F90 500", ["1,2 roll"]),
        # Legs of spreads that are joined.
        (
            "1:-1P95 0-500 t1, 2:+1P90 0-500 t1, 3:-1P92/60 510 t3, 4:+1P87/60 510 t3",
            ["1,3 roll", "2,4 roll"],
        ),
    ],
)
def test_what_is_proposed(legs, proposals):
    assert told(propose(read(legs))) == proposals


def test_a_proposal_says_what_speaks_for_it():
    (found,) = propose(read("1:-1P95 0, 2:+1P90 2")).proposals
    assert (found.reason, found.apart) == (Reason.OPENED_TOGETHER, timedelta(seconds=2))
    (found,) = propose(read("1:-1P95 0 d, 2:+1P90 0 d")).proposals
    assert (found.reason, found.shape.kind) == (Reason.OPENED_ON_ONE_DAY, Kind.VERTICAL)
    (found,) = propose(read("1:+100S 0, 2:-1C55 500")).proposals
    assert (found.reason, found.apart) == (Reason.AGAINST_SHARES, timedelta(seconds=500))
    (found,) = propose(read("1:-1P95 0-500, 2:-1P92/60 510")).proposals
    assert (found.reason, found.apart) == (Reason.ROLLED, timedelta(seconds=10))


def test_a_crowd_is_told_apart_by_the_second_or_named():
    spreads = ", ".join(
        f"{2 * n + 1}:-1P{90 + n} {10 * n}, {2 * n + 2}:+1P{50 + n} {10 * n}" for n in range(6)
    )
    assert len(propose(read(spreads)).proposals) == 6
    at_once = ", ".join(f"{n}:-1P{50 + n} 0 d" for n in range(1, CROWD + 2))
    assert propose(read(at_once)) == Proposals((), (tuple(range(1, CROWD + 2)),))


def test_somebody_who_opens_and_closes_all_the_time_rolls_nothing():
    scalps = ", ".join(f"{n}:-1P{50 + n} {70 * n}-{70 * n + 69}" for n in range(1, 4))
    assert [each.reason for each in propose(read(scalps)).proposals] == [Reason.ROLLED] * 2
    quick = ", ".join(f"{n}:-1P{50 + n} {9 * n}-{9 * n + 1} t{n}" for n in range(1, 30))
    assert propose(read(quick)).proposals == ()


@st.composite
def accounts(draw) -> list[OpenedLeg]:
    lines = []
    for number in range(1, draw(st.integers(1, 9)) + 1):
        opened = draw(st.sampled_from([0, 0, 3, 40, 90, 500]))
        closed = draw(st.sampled_from(["", f"-{opened + 90}", f"-{opened + 500}"]))
        quantity = draw(st.sampled_from([-2, -1, 1, 2]))
        what = draw(st.sampled_from(["P90", "P95", "P85", "C105", "C110", "C105/60", "S"]))
        size = quantity * 100 if what == "S" else quantity
        lines.append(f"{number}:{size:+d}{what} {opened}{closed} @{draw(st.sampled_from('AB'))}")
    return read(", ".join(lines))


@given(accounts(), st.randoms(use_true_random=False))
def test_the_order_of_legs_does_not_matter(legs, random):
    shuffled = list(legs)
    random.shuffle(shuffled)
    assert propose(shuffled) == propose(legs)


@given(accounts())
def test_what_is_not_ambiguous_can_all_be_joined(legs):
    """A leg is in at most one such proposal of a kind, but for shares, which lie behind several options."""
    found = propose(legs)
    options = {each.id for each in legs if each.terms.is_option}
    for is_roll in (True, False):
        sure = [
            each
            for each in found.proposals
            if not each.is_ambiguous and (each.reason is Reason.ROLLED) == is_roll
        ]
        used = [leg_id for each in sure for leg_id in each.leg_ids if leg_id in options or is_roll]
        assert len(used) == len(set(used))


@given(accounts())
def test_only_legs_of_one_underlying_are_proposed_and_only_shapes_with_a_name(legs):
    by_id = {each.id: each for each in legs}
    for each in propose(legs).proposals:
        assert len({by_id[leg_id].underlying for leg_id in each.leg_ids}) == 1
        assert each.shape is None or each.shape.kind is not Kind.CUSTOM
