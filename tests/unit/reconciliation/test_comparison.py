"""Every class of divergence, put into random accounts, is found and called by its name; where nothing differs, nothing is
found."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from journal.domain.values import Side
from reconciliation.domain.classes import STANDARDS, DivergenceClass
from reconciliation.domain.comparison import Part, compare
from reconciliation.domain.feed import Feed, Gap, judge_feed
from reconciliation.domain.fills import Told, compare_words
from reconciliation.domain.records import FillLine
from tests.effort import examples
from tests.unit.reconciliation.accounts import BROKERS, NOON, random_account
from tests.unit.reconciliation.faults import FAULTS

FEED = {DivergenceClass.GAP, DivergenceClass.STALE_FEED, DivergenceClass.SCHEMA}


def found(account):
    return compare(account.ours(), account.theirs(), account.setting()).findings


def test_every_class_has_a_standard_and_a_fault():
    assert set(STANDARDS) == set(DivergenceClass)
    assert set(FAULTS) | FEED == set(DivergenceClass)


# Without ids of fills another price is another fill, and nothing but ids and times tells an hour that is off.
IMPOSSIBLE = {(DivergenceClass.PRICE, "nothing"), (DivergenceClass.TIMEZONE, "orders")}


def faulty_accounts(kind, broker, many):
    """So many random accounts that differ in this way alone, each with the seed that made it."""
    for seed in range(400 * many):
        random = Random(f"{kind} {broker} {seed}")
        account = random_account(random, broker)
        if FAULTS[kind](account, random):
            for lines in (account.their_fills, account.their_positions, account.their_orders):
                random.shuffle(lines)
            yield seed, account
            many -= 1
            if not many:
                return
    raise AssertionError(f"{many} accounts are missing")


@pytest.mark.parametrize("broker", BROKERS)
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_found_and_called_by_its_name(kind, broker):
    """Ten accounts of each kind of broker for each class, or a hundred: 1,020 or 10,200 in all."""
    if (kind, broker) not in IMPOSSIBLE:
        for seed, account in faulty_accounts(kind, broker, examples(10)):
            assert {one.kind for one in found(account)} == {kind}, seed


@pytest.mark.parametrize("kind", sorted(FEED))
def test_a_feed_that_fails_is_called_by_its_name(kind):
    for seed in range(examples(40)):
        random = Random(f"{kind} {seed}")
        patience = timedelta(seconds=random.randint(60, 10**5))
        age = patience * random.random()
        feed = Feed(NOON - timedelta(days=random.randint(2, 400)), NOON - age, patience)
        assert judge_feed(feed, NOON) == [], seed
        if kind == DivergenceClass.STALE_FEED:
            feed = feed._replace(complete_at=NOON - patience - timedelta(seconds=1) - age)
        elif kind == DivergenceClass.GAP:
            since = NOON - timedelta(minutes=random.randint(2, 10**4))
            feed = feed._replace(gaps=(Gap(since, since + timedelta(minutes=1), "window"),))
        else:
            feed = feed._replace(unknown_words=((f"Word{seed}", random.randint(1, 99)),))
        assert [one.kind for one in judge_feed(feed, NOON)] == [kind], seed


@pytest.mark.parametrize("broker", BROKERS)
def test_where_nothing_differs_nothing_is_found(broker):
    for seed in range(examples(250)):
        random = Random(f"clean {broker} {seed}")
        account = random_account(random, broker)
        # Another order of the lines, clocks that are off, a fill that the book has not heard of yet.
        for lines in (account.their_fills, account.their_positions, account.their_orders):
            random.shuffle(lines)
        account.fills = [
            line._replace(at=line.at + timedelta(seconds=random.randint(-90, 90)))
            for line in account.fills
        ]
        assert found(account) == []


@pytest.mark.parametrize("seconds", [0, 5, 9, 30, 200])
def test_a_fill_that_is_on_its_way_is_no_difference(seconds):
    """It may be in the positions already, or not; the book may have heard of it, or not."""
    for seed in range(examples(80)):
        random = Random(f"torn {seconds} {seed}")
        account = random_account(random)
        line = random.choice(account.positions) if account.positions else None
        if line is None:
            continue
        fill = FillLine(
            ("b:late",), "o-late", "", line.instrument_id, line.symbol, random.choice(list(Side)),
            Decimal(2), Decimal(50), NOON - timedelta(seconds=seconds),
        )  # fmt: skip
        account.their_fills.append(fill)
        is_in = random.random() < 0.5 or seconds >= 10
        if is_in:
            place = account.their_positions.index(line)
            moved = line.signed_quantity + (2 if fill.side is Side.BUY else -2)
            account.their_positions[place] = line._replace(signed_quantity=moved)
        result = compare(account.ours(), account.theirs(), account.setting())
        assert result.findings == []
        assert (Part.POSITIONS in result.skipped) is (seconds < 10)


def test_the_same_words_find_the_same_by_the_same_names():
    for seed in range(100):
        random = Random(f"again {seed}")
        account = random_account(random)
        for kind in random.sample(sorted(FAULTS), 2):
            FAULTS[kind](account, random)
        first = found(account)
        for lines in (account.fills, account.their_fills, account.positions, account.their_orders):
            random.shuffle(lines)
        assert [one.fingerprint(7) for one in found(account)] == [
            one.fingerprint(7) for one in first
        ]
        assert len({one.fingerprint(7) for one in first}) == len(first)
        assert {one.fingerprint(8) for one in first}.isdisjoint(one.fingerprint(7) for one in first)


def test_a_history_with_gaps_calls_nothing_gone():
    random = Random("gaps")
    account = random_account(random)
    FAULTS[DivergenceClass.PHANTOM](account, random)
    setting = account.setting()._replace(has_gaps=True)
    assert compare(account.ours(), account.theirs(), setting).findings == []


def test_a_feed_is_judged_before_anything_is_compared():
    feed = Feed(NOON, NOON, timedelta(minutes=5))
    assert judge_feed(feed, NOON + timedelta(minutes=5)) == []
    late = NOON + timedelta(minutes=6)
    assert [one.kind for one in judge_feed(feed, late)] == [DivergenceClass.STALE_FEED]
    unheard = feed._replace(complete_at=None)
    assert judge_feed(unheard, late)[0].actual == {"heard_at": "never"}
    odd = feed._replace(gaps=(Gap(NOON, late, "sequence"),), unknown_words=(("NewKind", 3),))
    assert [one.kind for one in judge_feed(odd, NOON)] == [
        DivergenceClass.GAP,
        DivergenceClass.SCHEMA,
    ]


def test_a_bot_whose_clock_is_off_is_told_by_the_fills_that_both_told():
    account = random_account(Random("clock"), "ids")
    setting = account.setting()
    told = [(one._replace(at=one.at - timedelta(hours=1)), one) for one in account.fills[:4]]

    def kinds(pairs):
        window = Told(setting.window, NOON)
        return [
            one.kind
            for one in compare_words(pairs, (), setting.terms, setting.tolerances, told=window)
        ]

    assert kinds(told) == [DivergenceClass.TIMEZONE]
    # Two may be an accident, and clocks that are off by different times are no zone.
    assert kinds(told[:2]) == []
    assert kinds([*told, (account.fills[-1], account.fills[-1])]) == []
