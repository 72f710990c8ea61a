"""Plans that a trade may have carried out, and links by what is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.chain.links import Known, LinkBy, Naming, link_trade
from journal.domain.chain.matching import Idea, Opening, propose

D = Decimal
AT = datetime(2026, 6, 2, 13, 30, tzinfo=UTC)


def idea(plan: int = 1, **more: Any) -> Idea:
    values: dict[str, Any] = {
        "symbol": "ACME", "side": "buy", "entry_price": D(25), "entry_price_to": None, "stop_price": D(24),
        "quantity": D(10), "made_at": AT - timedelta(hours=2), "ended_at": None,
    }  # fmt: skip
    return Idea(plan, **{**values, **more})


def opening(**more: Any) -> Opening:
    values: dict[str, Any] = {
        "symbol": "ACME", "underlying": "ACME", "direction": "long", "average_open": D("25.10"), "quantity": D(10),
        "opened_at": AT,
    }  # fmt: skip
    return Opening(**{**values, **more})


def test_the_nearer_plan_comes_first_and_each_part_says_why():
    found = propose(opening(), [idea(1, entry_price=D(27)), idea(2)])
    assert [one.plan for one in found] == [2, 1]
    assert not any(one.is_ambiguous for one in found)
    assert {one.name for one in found[0].parts} == {"price", "size", "time"}
    assert all(one.words for one in found[0].parts)


def test_two_alike_are_ambiguous():
    found = propose(opening(), [idea(1), idea(2), idea(3, entry_price=D("25.99"), quantity=D(100))])
    assert [(one.plan, one.is_ambiguous) for one in found if one.plan != 3] == [
        (1, True),
        (2, True),
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"symbol": "OTHER"},
        {"side": "sell"},
        {"made_at": AT + timedelta(hours=1)},
        {"made_at": AT - timedelta(days=11)},
        {"ended_at": AT - timedelta(minutes=1)},
    ],
)
def test_what_cannot_be_it_is_not_proposed(other):
    assert propose(opening(), [idea(**other)]) == []


def test_an_option_s_plan_may_name_the_underlying():
    assert propose(opening(symbol="ACME 260619C00025000"), [idea()])


KNOWN = Known({"a": 1, "b": 2}, {"idea": [1], "both": [1, 2]}, {1: "a", 2: "b"}, {1: "idea", 2: ""})


def named(opens=True, minutes=0, **more) -> Naming:
    return Naming(opens, AT + timedelta(minutes=minutes), **more)


@pytest.mark.parametrize(
    ("names", "plan", "by", "others"),
    [
        ([], None, None, ()),
        ([named(plan_id="a")], 1, "plan_id", ()),
        ([named(client_order_id="b")], 2, "client_order_id", ()),
        ([named(recommendation_id="idea")], 1, "recommendation", ()),
        ([named(recommendation_id="both")], None, None, ()),
        ([named(plan_id="nobody's")], None, None, ()),
        ([named(client_order_id="b"), named(minutes=5, plan_id="a")], 1, "plan_id", (2,)),
        ([named(opens=False, plan_id="a"), named(minutes=5, recommendation_id="idea", client_order_id="b")], 2, "client_order_id", (1,)),
        ([named(opens=False, plan_id="a")], 1, "plan_id", ()),
    ],
)  # fmt: skip
def test_what_opened_it_counts_first_and_a_name_before_a_hint(names, plan, by, others):
    found = link_trade(names, KNOWN)
    assert (found.plan, found.by, found.others) == (plan, by, others)


def test_a_person_s_word_comes_before_names():
    names = [named(plan_id="a")]
    assert link_trade(names, KNOWN, confirmed=[2])[:3] == (2, LinkBy.PERSON, (1,))
    assert link_trade(names, KNOWN, refused=[1])[:3] == (None, None, ())


NAMES = st.lists(
    st.builds(
        Naming,
        st.booleans(),
        st.integers(0, 5).map(lambda minutes: AT + timedelta(minutes=minutes)),
        st.sampled_from(["", "a", "b"]),
        st.sampled_from(["", "idea", "both"]),
        st.sampled_from(["", "a", "b", "c"]),
    ),
    max_size=6,
)


@given(NAMES, st.randoms())
def test_links_do_not_depend_on_the_order_of_names(names, random):
    shuffled = list(names)
    random.shuffle(shuffled)
    assert link_trade(names, KNOWN) == link_trade(shuffled, KNOWN)
