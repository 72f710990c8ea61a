"""Live positions and equity, snapshots over time, the log and the rules."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.roles import Role
from journal.domain.values import AssetClass
from reconciliation.domain.classes import DivergenceClass
from reconciliation.models import LogEvent, LogStatus, ReconciliationRules, ToleranceVersion
from reconciliation.selectors.equity import POINTS, equity_curve
from reconciliation.selectors.rules import tolerances_of
from tests import people
from tests.web.reconciliation import rows
from tests.web.reconciliation.test_board import page, words

pytestmark = pytest.mark.django_db
D = Decimal
MINUTE = timedelta(minutes=1)


def figure(text: str) -> dict:
    return json.loads(re.search(r'<script id="equity"[^>]*>(.*?)</script>', text, re.DOTALL)[1])


def test_a_newcomer_s_live_page_says_what_to_do(alice):
    assert "Connect a broker" in words(page(alice, "/reconciliation/live"))


def test_positions_with_their_prices_and_ages(who, alice, book):
    on = rows.snapshot(book)
    rows.worth(book, snapshot=on)
    rows.position(on, instrument=rows.instrument(who.workspace))
    rows.position(on, "ODD", "-3", price_at=on.as_of - timedelta(hours=3), open_pnl=None)
    text = words(page(alice, "/reconciliation/live"))
    for piece in ("ACME +80", "114.00", "+1,000.00 USD", "ODD", "not in the book", "−3", "3 h"):
        assert piece in text


def test_what_is_not_known_is_not_flat(alice, book):
    text = words(page(alice, "/reconciliation/live"))
    assert "That is not the same as flat" in text
    assert "nothing is open" not in text


def test_a_fresh_answer_without_positions_is_flat(alice, book):
    rows.worth(book, snapshot=rows.snapshot(book), position_count=0)
    assert "The broker says that nothing is open." in words(page(alice, "/reconciliation/live"))


def test_the_curve_is_broken_where_nothing_was_known(alice, book):
    now = timezone.now()
    for minutes in (50, 49, 48, 20, 19):
        rows.worth(book, now - minutes * MINUTE, equity=D(100_000 + minutes))
    rows.failed_read(book, now - 10 * MINUTE)
    rows.worth(book, now - 5 * MINUTE, snapshot=rows.snapshot(book))
    text = page(alice, "/reconciliation/live?range=day")
    drawn = figure(text)
    equity = drawn["data"][0]["y"]
    assert None in equity
    assert 0 not in equity
    assert min(value for value in equity if value is not None) >= 100_000
    assert {trace["name"] for trace in drawn["data"]} == {"Equity", "Peak", "Drawdown"}
    assert "the line is broken" in words(text)
    assert "not known" in words(text)


def test_a_curve_has_a_few_hundred_points_and_its_deepest_drawdown(book):
    now = timezone.now()
    for minute in range(1200):
        fall = D("41.5") if minute == 777 else D(2)
        rows.worth(book, now - (1200 - minute) * MINUTE, drawdown_percent=fall)
    curve = equity_curve(book, None, now, patience=5 * MINUTE)
    assert POINTS / 2 < len(curve.points) <= POINTS + 2
    assert max(point.drawdown for point in curve.points) == D("41.5")
    assert all(point.equity is not None for point in curve.points)


def test_a_reading_between_two_silences_is_seen(alice, book):
    now = timezone.now()
    for minutes in (300, 180, 60, 12, 2):
        rows.worth(book, now - minutes * MINUTE)
    for trace in figure(page(alice, "/reconciliation/live?range=day"))["data"][:2]:
        assert trace["mode"] == "lines+markers"
        drawn = [size for size, y in zip(trace["marker"]["size"], trace["y"], strict=True) if y]
        assert [bool(size) for size in drawn] == [True, True, True, False, False]


def test_who_reads_more_often_later_makes_no_silence(book):
    """A stretch of the curve is as late as its last reading; the silence before it ended with its first."""
    now = timezone.now()
    for hours in range(10 * 24, 24, -6):
        rows.worth(book, now - timedelta(hours=hours))
    for minutes in range(24 * 60, 0, -30):
        rows.worth(book, now - minutes * MINUTE)
    curve = equity_curve(book, None, now, patience=3 * 60 * MINUTE)
    assert curve.gaps == 0


def test_the_sum_is_unknown_as_soon_as_one_account_is(who, alice, book):
    rows.worth(book, snapshot=rows.snapshot(book))
    other = rows.account(who.workspace, "U2", name="Second")
    assert "Not known of Second" in page(alice, "/reconciliation/live")
    rows.worth(other, snapshot=rows.snapshot(other), equity_gbp=D(1_000))
    assert "80,000.00 GBP" in words(page(alice, "/reconciliation/live"))


def test_snapshots_over_time_and_one_with_all_that_it_says(alice, book):
    first = rows.snapshot(book, timezone.now() - timedelta(hours=2), lacking=["orders"])
    on = rows.snapshot(book)
    rows.worth(book, snapshot=on)
    rows.position(on)
    rows.working_order(on)
    made = rows.run(book, on, found=1, opened=1)
    rows.divergence(book, DivergenceClass.PHANTOM, last_run=made)
    listed = words(page(alice, "/reconciliation/snapshots"))
    assert "lacks orders" in listed
    assert "Compared 1" in listed
    assert "lacks" not in words(page(alice, "/reconciliation/snapshots?is_complete=true")).replace(
        "lacks that", ""
    )
    text = words(page(alice, f"/reconciliation/snapshots/{on.pk}"))
    for piece in (
        "ACME",
        "40,000.00 USD",
        "Not at the broker",
        "One side does not state its cash.",
        "0.34",
        "Sell",
    ):
        assert piece in text
    assert f'href="/reconciliation/snapshots/{first.pk}" rel="next"' in page(
        alice, f"/reconciliation/snapshots/{on.pk}"
    )
    assert "nothing was compared with it" in words(
        page(alice, f"/reconciliation/snapshots/{first.pk}")
    )


def test_pages_of_snapshots_go_on(alice, book):
    for number in range(60):
        rows.snapshot(book, timezone.now() - number * MINUTE)
    first = page(alice, "/reconciliation/snapshots")
    following = re.search(r'href="([^"]+)" rel="next"', first)[1].replace("&amp;", "&")
    assert len(re.findall(r'href="/reconciliation/snapshots/\d+"', page(alice, following))) == 10


def test_the_log_and_its_filters(alice, book):
    assert "Nothing happened yet" in words(page(alice, "/reconciliation/log"))
    rows.entry(book)
    rows.entry(
        book,
        event=LogEvent.CLOSE,
        status=LogStatus.FAILED,
        symbol="ACME",
        volume=D(80),
        exit_price=D("99.5"),
        slippage=D("0.4"),
        pnl=D(-1520),
        close_reason="drawdown",
        message="Not flat.",
    )
    text = words(page(alice, "/reconciliation/log"))
    assert "Compared: nothing differs." in text
    assert "Drawdown : Not flat." in text
    assert "−1,520.00" in text
    only = words(page(alice, "/reconciliation/log?status=failed&symbol=acme"))
    assert "nothing differs" not in only
    assert "Not flat." in only
    assert "Nothing fits" in words(page(alice, "/reconciliation/log?event=guard_trigger"))


def test_an_owner_sets_the_rules_and_nobody_else(who, alice, book):
    assert "Two people have to agree" in words(page(alice, "/reconciliation/rules"))
    answer = people.browser(who.bob).post("/reconciliation/rules", {"four_eyes": "on"})
    assert answer.status_code == 403
    assert not ReconciliationRules.objects.exists()
    assert alice.post("/reconciliation/rules", {"four_eyes": "on"}).status_code == 303
    rules = ReconciliationRules.objects.get()
    assert (rules.four_eyes, rules.resolves_by_rule) == (True, False)
    assert "nobody approves what they proposed" in words(page(alice, "/reconciliation")).lower()


def test_one_owner_alone_does_not_make_one_person_enough(who, alice, book):
    address = "/reconciliation/rules"
    alice.post(address, {"four_eyes": "on", "resolves_by_rule": "on"})
    alice.post(address, {"resolves_by_rule": "on"})
    assert "Say why" in words(page(alice, address))
    alice.post(address, {"resolves_by_rule": "on", "reason": "We are three now."})
    assert ReconciliationRules.objects.get().four_eyes
    text = words(page(alice, address))
    assert "We are three now." in text
    assert "there is no other owner, so it applies" in text
    who.bob.role = Role.OWNER
    who.bob.save()
    bob = people.browser(who.bob)
    assert "Agree" in words(page(bob, address))
    assert alice.post(f"{address}/four-eyes", {"verdict": "approve"}).status_code == 303
    assert ReconciliationRules.objects.get().four_eyes
    assert bob.post(f"{address}/four-eyes", {"verdict": "approve"}).status_code == 303
    assert not ReconciliationRules.objects.get().four_eyes
    assert bob.post(f"{address}/four-eyes", {"verdict": "?"}).status_code == 422


def test_the_rules_are_found_under_settings(alice, book):
    assert 'href="/reconciliation/rules"' in page(alice, "/settings")


FIGURES = {"steps": "2", "ticks": "3", "ratio": "0.0002", "average_ratio": "0.0001", "realized": "0.05",
           "realized_ratio": "0.0005", "cash": "0.5", "fee": "0.02", "time": "90"}  # fmt: skip


def test_a_tolerance_is_a_version_with_its_reason(who, alice, book):
    body = {**FIGURES, "reason": "The feed rounds."}
    assert alice.post("/reconciliation/rules/crypto", body).status_code == 303
    assert alice.post("/reconciliation/rules/crypto", body).status_code == 303
    assert alice.post("/reconciliation/rules/crypto", {**body, "ticks": "1"}).status_code == 303
    assert list(ToleranceVersion.objects.values_list("number", flat=True)) == [2, 1]
    found = tolerances_of(who.workspace.pk).of(AssetClass.CRYPTO)
    assert (found.steps, found.ticks, found.time) == (D(2), D(1), timedelta(seconds=90))
    text = words(page(alice, "/reconciliation/rules/crypto"))
    assert "Version 2" in text
    assert "The feed rounds." in text


@pytest.mark.parametrize(
    "wrong", [{"ticks": "-1"}, {"ticks": "many"}, {"ticks": ""}, {"reason": " "}, {"time": "NaN"}]
)
def test_a_tolerance_that_is_none_is_refused(alice, book, wrong):
    answer = alice.post("/reconciliation/rules/stock", {**FIGURES, "reason": "x", **wrong})
    assert answer.status_code == 422
    assert not ToleranceVersion.objects.exists()


def test_a_trader_does_not_change_tolerances(who, book):
    answer = people.browser(who.bob).post("/reconciliation/rules/stock", {**FIGURES, "reason": "x"})
    assert answer.status_code == 403


def test_there_is_no_class_of_any_name(alice):
    assert alice.get("/reconciliation/rules/nonsense").status_code == 404


def test_several_accounts_are_told_by_the_person_s_clock(who, alice, book):
    far = rows.account(who.workspace, "U9", zone="Asia/Tokyo")
    on = rows.snapshot(far, timezone.now().replace(hour=3, minute=0, second=0) - timedelta(days=1))
    rows.entry(far, created_at=on.as_of)
    for address in ("/reconciliation/snapshots", "/reconciliation/log"):
        text = words(page(alice, address))
        assert "03:00:00" in text, address
        assert "12:00:00" not in text, address
        assert "imes in UTC" in text, address


def test_the_log_speaks_of_a_difference_in_words(alice, book):
    rows.entry(
        book,
        event="warning",
        status="warning",
        divergence_reason="forced_close",
        message="FORCED_CLOSE fill:b:7",
    )
    text = words(page(alice, "/reconciliation/log"))
    assert "Closed by the broker : The broker closed it by force" in text
    assert "FORCED_CLOSE" not in text
