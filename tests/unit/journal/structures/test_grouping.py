"""Which legs are one trade."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.structures.grouping import (
    Contested,
    Group,
    GroupLeg,
    Tie,
    TieKind,
    group_legs,
)

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
DAY = date(2026, 3, 2)
LEG = re.compile(r"(\d+)([A-Z])(\d*)(?:@(\d+)(?:-(\d+))?)?((?::[a-z]\w+)*)(?:=(\w+))?")


def tie(text: str) -> Tie:
    """`o7` order 7 of the day, `p7` plan 7, `r7` recommendation 7, `d7` a delivery by execution 7."""
    kinds = {
        "o": TieKind.ORDER,
        "p": TieKind.PLAN,
        "r": TieKind.RECOMMENDATION,
        "d": TieKind.DELIVERY,
    }
    return Tie(kinds[text[0]], text[1:], DAY if text[0] == "o" else None)


def read(text: str) -> list[GroupLeg]:
    """`3A5@10-20:o7:p1=mine`: leg 3, contract 5 of underlying A, open from minute 10 to 20, with fills of order 7 and
    of plan 1, put into `mine` by a person. Without a contract it has one of its own."""
    legs = []
    for word in text.split():
        found = LEG.fullmatch(word)
        assert found is not None, word
        number, underlying, contract, opened, closed, ties, said = found.groups()
        leg_id = int(number)
        legs.append(
            GroupLeg(
                id=leg_id,
                instrument_id=int(contract) if contract else 1000 + leg_id,
                underlying=underlying,
                opened_at=START + timedelta(minutes=int(opened or 0)),
                closed_at=START + timedelta(minutes=int(closed)) if closed else None,
                ties=frozenset(tie(one) for one in ties.split(":") if one),
                said=said or "",
            )
        )
    return legs


def grouped(text: str) -> str:
    return " ".join(",".join(map(str, each.leg_ids)) for each in group_legs(read(text)).groups)


@pytest.mark.parametrize(
    ("legs", "trades"),
    [
        ("1A 2A", "1 2"),
        ("1A:o7 2A:o7", "1,2"),
        ("1A:o7 2A:o8", "1 2"),
        ("1A:p7 2A:p7 3A:p8", "1,2 3"),
        ("1A:r7 2A:r7", "1,2"),
        # A plan and an order of the same number are not the same.
        ("1A:p7 2A:o7", "1 2"),
        # One underlying, different instruments.
        ("1A:o7 2B:o7", "1 2"),
        ("1A:o7 2B:o7 3A:o7", "1,3 2"),
        ("1A5@0-1:o7 2A5@1:o7", "1 2"),
        # Closed together after they were opened apart; a roll closes one and opens another.
        ("1A@0-9:o1:o9 2A@5-9:o2:o9", "1,2"),
        ("1A@0-9:o1:o2 2A@0-9:o1:o2 3A@9-20:o2:o3 4A@9-20:o2:o3", "1,2,3,4"),
        # The first to be opened names the trade, whatever its number.
        ("1A@5:o7 2A@0:o7", "2,1"),
        # A plan that was carried out twice, and a roll of two orders, a minute apart.
        ("1A1@0-10:p7 2A2@0-10:p7 3A1@60-70:p7 4A2@60-70:p7", "1,2 3,4"),
        ("1A1@0-10:p7 2A2@11:p7", "1,2"),
        ("1A1@0-10:p7 2A2@0:p7 3A3@60:p7", "1,2,3"),
        ("1A1@0-30:p7 2A2@0-10:p7 3A3@32:p7", "1,2,3"),
        # An assigned option and the shares that came.
        ("1A@0-9:d4 2A@9:d4", "1,2"),
        ("1A@0-9:d4 2A@900:d4", "1,2"),
        # By hand, whatever it is.
        ("1A=x 2B=x", "1,2"),
        ("1A5=x 2A5=x", "1,2"),
        # Apart by hand, whatever orders and plans say.
        ("1A:o7=x 2A:o7=y", "1 2"),
        ("1A:o7:p1=x 2A:o7=y 3A:o7=y", "1 2,3"),
        # A later leg of the same order goes with the one group that it is tied to.
        ("1A:o7=x 2A:o8=y 3A:o7", "1,3 2"),
        ("1A:o7=x 2A:o7=y 3A:o7", "1 2 3"),
        ("1A:o7=x 2A:o8=y 3A:o7:p1 4A:o8:p1", "1 2 3,4"),
        ("1A:o7=x 2A:o7=x 3A:o7", "1,2,3"),
        # The contract's earlier and later leg share the order with others only.
        ("1A5:o7 2A6:o7=x 3A6:o7=y 4A5:o7", "1 2 3 4"),
    ],
)
def test_what_belongs_together(legs, trades):
    assert grouped(legs) == trades


def test_what_joined_them_is_told():
    by_order, by_hand = group_legs(read("1A@0:o7:p1 2A@1:o7:r3 3B@2=x 4C@3=x")).groups
    assert by_order == Group((1, 2), (tie("o7"),), by_hand=False)
    assert by_hand == Group((3, 4), (), by_hand=True)


def test_legs_that_two_groups_claim_are_told_and_left_alone():
    found = group_legs(read("1A@0:o7=x 2A@1:o7=y 3A@2:o7 4A@3:o7"))
    assert [each.leg_ids for each in found.groups] == [(1,), (2,), (3, 4)]
    assert found.contested == (Contested(3, (1, 2)),)


def test_an_order_id_that_is_used_again_on_another_day_is_another_order():
    one, other = read("1A:o7 2A@9:o7")
    later = other._replace(ties=frozenset({Tie(TieKind.ORDER, "7", date(2026, 3, 3))}))
    assert [each.leg_ids for each in group_legs([one, later]).groups] == [(1,), (2,)]


TIES = st.frozensets(st.sampled_from(["o1", "o2", "p1", "r1", "d1"]).map(tie), max_size=3)


@st.composite
def books(draw) -> list[GroupLeg]:
    legs = []
    for number in range(1, draw(st.integers(1, 9)) + 1):
        opened = draw(st.integers(0, 60))
        closed = draw(st.none() | st.integers(opened, 90))
        legs.append(
            GroupLeg(
                id=number,
                instrument_id=draw(st.integers(1, 5)),
                underlying=draw(st.sampled_from("AB")),
                opened_at=START + timedelta(minutes=opened),
                closed_at=None if closed is None else START + timedelta(minutes=closed),
                ties=draw(TIES),
                said=draw(st.sampled_from(["", "", "", "x", "y"])),
            )
        )
    return legs


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_legs_does_not_matter(legs, random):
    shuffled = list(legs)
    random.shuffle(shuffled)
    assert group_legs(shuffled) == group_legs(legs)


@given(books())
def test_every_leg_is_in_one_group_and_a_persons_word_holds(legs):
    found = group_legs(legs)
    place = {leg_id: each.trade_id for each in found.groups for leg_id in each.leg_ids}
    assert sorted(place) == [leg.id for leg in legs]
    assert sum(len(each.leg_ids) for each in found.groups) == len(legs)
    said = [leg for leg in legs if leg.said]
    for one in said:
        for other in said:
            assert (place[one.id] == place[other.id]) == (one.said == other.said)


@given(books())
def test_nothing_is_joined_without_a_tie_or_a_word(legs):
    by_id = {leg.id: leg for leg in legs}
    for group in group_legs(legs).groups:
        if len(group.leg_ids) > 1:
            assert group.ties or group.by_hand
        if not group.by_hand:
            inside = [by_id[leg_id] for leg_id in group.leg_ids]
            assert len({leg.underlying for leg in inside}) == 1
            assert len(inside) == 1 or len({leg.instrument_id for leg in inside}) > 1


@given(books())
def test_without_a_persons_word_legs_that_share_an_order_are_together(legs):
    plain = [leg._replace(said="") for leg in legs]
    place = {leg_id: each.trade_id for each in group_legs(plain).groups for leg_id in each.leg_ids}
    for one in plain:
        for other in plain:
            shared = any(each.kind is TieKind.ORDER for each in one.ties & other.ties)
            differ = one.instrument_id != other.instrument_id
            if shared and differ and one.underlying == other.underlying:
                assert place[one.id] == place[other.id]
