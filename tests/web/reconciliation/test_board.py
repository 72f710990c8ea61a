"""The board: how brokers were heard, what differs, and one difference with all that is known."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django_scopes import scope

from reconciliation.domain.classes import STANDARDS, DivergenceClass, Severity
from reconciliation.domain.feed import Feed, judge_feed
from reconciliation.domain.life import State
from reconciliation.domain.words import WORDS
from reconciliation.models import Heard
from reconciliation.selectors.hearing import PATIENCE, accounts_in_use, hearings
from tests import people
from tests.web.reconciliation import rows

pytestmark = pytest.mark.django_db

BOARD_QUERIES = 24
D = Decimal


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


@pytest.fixture
def book(who):
    with scope(workspace=who.workspace):
        yield rows.account(who.workspace)


def words(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text)))


def page(client, address="/reconciliation"):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def shown(client, address="/reconciliation") -> list[str]:
    """The names of the differences that are listed, in their order."""
    found = re.findall(r'class="break__link"[^>]*>([^<]+)<', page(client, address))
    return [html.unescape(name) for name in found]


def test_a_newcomer_is_told_what_to_do(alice):
    text = words(page(alice))
    assert "There is nothing to compare yet" in text
    assert "To the connections" in text


def test_an_account_that_was_never_heard_is_unknown_and_not_flat(alice, book):
    text = words(page(alice))
    assert "Unknown" in text
    assert "No broker was heard yet" in text
    assert "agree" not in text


def test_a_fresh_answer_without_differences_says_so(alice, book):
    on = rows.snapshot(book)
    rows.worth(book, position_count=0)
    rows.run(book, on)
    text = words(page(alice))
    assert "Fresh" in text
    assert "Book and broker agree" in text


def test_an_old_answer_is_stale_and_its_positions_are_not_shown(alice, book):
    rows.snapshot(book, timezone.now() - timedelta(hours=2))
    rows.worth(book, timezone.now() - timedelta(hours=2), position_count=0)
    text = page(alice)
    assert "Stale" in text
    assert "What it holds now is not known" in text


def test_a_read_that_failed_is_named_beside_the_last_whole_one(alice, book):
    rows.worth(book, timezone.now() - timedelta(minutes=1), snapshot=rows.snapshot(book))
    rows.failed_read(book)
    text = page(alice)
    assert "last try failed" in text
    assert "did not answer within 20 seconds" in text


def test_an_incomplete_answer_is_not_the_latest_that_counts(alice, book):
    rows.snapshot(book, lacking=["positions"])
    assert "Unknown" in words(page(alice))


@pytest.mark.parametrize("kind", DivergenceClass)
def test_every_class_is_told_in_its_words(alice, book, kind):
    made = rows.divergence(book, kind)
    text = page(alice)
    assert WORDS[kind].says in words(text)
    assert shown(alice) == [WORDS[kind].name]
    assert WORDS[kind].do.replace("'", "&#x27;") in page(
        alice, f"/reconciliation/divergences/{made.pk}"
    )


def test_figures_that_differ_are_marked_and_no_others(alice, book):
    rows.divergence(book)
    marked = re.findall(r'<tr class="differs"><th scope="row">([^<]+)<', page(alice))
    assert marked == ["Quantity"]


def test_the_worst_stands_first_and_of_one_severity_the_newest(alice, book):
    rows.divergence(book, DivergenceClass.PRICE)
    rows.divergence(book, DivergenceClass.QUANTITY, age=timedelta(hours=3))
    rows.divergence(book, DivergenceClass.PHANTOM, age=timedelta(hours=1))
    rows.divergence(book, DivergenceClass.SIDE, age=timedelta(days=9))
    assert shown(alice) == [
        "Other direction",
        "Not at the broker",
        "Quantity differs",
        "Price differs",
    ]


def test_pages_follow_each_other_across_severities(alice, book):
    for number in range(60):
        kind = (DivergenceClass.SIDE, DivergenceClass.QUANTITY, DivergenceClass.PRICE)[number % 3]
        rows.divergence(book, kind, age=timedelta(minutes=number))
    address, seen = "/reconciliation", []
    while address:
        text = page(alice, address)
        seen += re.findall(r'id="divergence-(\d+)"', text)
        found = re.search(r'href="(/reconciliation\?[^"]*)" rel="next"', text)
        address = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 60


def test_a_cursor_that_is_none_is_refused(alice, book):
    rows.divergence(book)
    for cursor in ("nonsense", "critical.zzz", "."):
        assert alice.get("/reconciliation", {"cursor": cursor}).status_code == 422


def test_what_was_seen_too_seldom_is_not_told(alice, book):
    made = rows.divergence(book, state=State.SEEN)
    assert shown(alice) == []
    assert shown(alice, "/reconciliation?state=all") == []
    assert alice.get(f"/reconciliation/divergences/{made.pk}").status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Other direction", "Price differs"]),
        ("state=over", ["Quantity differs"]),
        ("state=all", ["Other direction", "Quantity differs", "Price differs"]),
        ("state=proposed", ["Price differs"]),
        ("severity=warning", ["Price differs"]),
        ("kind=side", ["Other direction"]),
        ("age=older", ["Other direction"]),
        ("age=hour", ["Price differs"]),
        ("text=acme", ["Other direction"]),
        ("text=OTH", ["Price differs"]),
        ("assignee=nobody", ["Other direction"]),
    ],
)
def test_filters(who, alice, book, query, names):
    rows.divergence(book, DivergenceClass.SIDE, age=timedelta(days=9))
    rows.divergence(
        book, DivergenceClass.PRICE, symbol="OTHER", state=State.PROPOSED, assignee=who.alice.user
    )
    rows.divergence(book, DivergenceClass.QUANTITY, state=State.RESOLVED)
    assert shown(alice, f"/reconciliation?{query}") == names


def test_filters_by_account_and_by_person(who, alice, book):
    other = rows.account(who.workspace, "U2")
    rows.divergence(book, assignee=who.alice.user)
    rows.divergence(other, DivergenceClass.FEE)
    assert shown(alice, f"/reconciliation?account={other.pk}") == ["Fee differs"]
    assert shown(alice, f"/reconciliation?assignee={who.alice.user_id}") == ["Quantity differs"]
    assert alice.get("/reconciliation?account=999999").status_code == 404


def test_strangers_are_no_choice_of_the_filter(who, alice, book):
    rows.divergence(book)
    assert "charlie@example.org" not in page(alice)
    assert shown(alice, f"/reconciliation?assignee={who.charlie.user_id}") != []


def test_counts_by_severity_and_age(alice, book):
    rows.divergence(book, age=timedelta(minutes=5))
    rows.divergence(book, age=timedelta(hours=5))
    rows.divergence(book, age=timedelta(days=30))
    rows.divergence(book, DivergenceClass.PRICE, age=timedelta(days=3))
    rows.divergence(book, state=State.VOID)
    matrix = re.search(
        r'<table class="table table--tight matrix">(.*?)</table>', page(alice), re.DOTALL
    )[1]
    lines = [words(line).split() for line in matrix.split("<tr>")[2:]]
    assert lines == [
        ["Critical", "·", "·", "·", "·", "0"],
        ["Error", "1", "1", "·", "1", "3"],
        ["Warning", "·", "·", "1", "·", "1"],
        ["Info", "·", "·", "·", "·", "0"],
    ]


def test_the_navigation_counts_what_waits_for_a_person(alice, book):
    rows.divergence(book)
    rows.divergence(book, DivergenceClass.PRICE, state=State.INVESTIGATING)
    rows.divergence(book, DivergenceClass.SCHEMA)
    rows.divergence(book, state=State.RESOLVED)
    rows.divergence(book, state=State.SEEN)
    text = page(alice, "/trades")
    entry = re.search(r'href="/reconciliation" title="Reconcile".*?</a>', text, re.DOTALL)[0]
    assert re.search(r'class="count">(\d+)', entry)[1] == "2"


def test_a_difference_shows_its_history_and_evidence(who, alice, book):
    on = rows.snapshot(book)
    made = rows.divergence(
        book,
        state=State.PROPOSED,
        evidence=[f"snapshot:{on.pk}", "row 17 of the file"],
        proposal={"code": "adjust", "words": "Take 20 out of the book."},
        last_run=rows.run(book, on),
    )
    rows.step(made, State.OPEN, actor="", reason="")
    rows.step(made, State.PROPOSED, reason="The statement has no fill of it.")
    text = page(alice, f"/reconciliation/divergences/{made.pk}")
    for piece in (
        "Take 20 out of the book.",
        "By rule",
        "alice@example.org",
        "The statement has no fill of it.",
        f'href="/reconciliation/snapshots/{on.pk}"',
        "row 17 of the file",
    ):
        assert piece in text


def test_another_workspace_s_difference_is_not_there(who, book):
    made = rows.divergence(book)
    assert (
        people.browser(who.charlie).get(f"/reconciliation/divergences/{made.pk}").status_code == 404
    )


def test_text_of_a_broker_is_written_as_text(alice, book):
    rows.divergence(
        book, symbol="<b>X</b>", actual={"word": "<script>1</script>"}, evidence=["<i>e</i>"]
    )
    text = page(alice)
    assert "<script>1" not in text
    assert "<b>X" not in text
    assert "<i>e" not in text


def test_the_cost_does_not_follow_the_number_of_rows(
    who, alice, book, django_assert_max_num_queries
):
    for number in range(30):
        rows.divergence(book, evidence=[f"execution:{number}"])
        one = rows.account(who.workspace, f"N{number}")
        rows.run(one, rows.snapshot(one))
        rows.worth(one)
    with django_assert_max_num_queries(BOARD_QUERIES):
        page(alice)


def test_every_severity_has_its_standard():
    assert {standard.severity for standard in STANDARDS.values()} == set(Severity)


@pytest.mark.parametrize(("minutes", "state"), [(8, "fresh"), (12, "stale")])
def test_pages_call_stale_what_the_difference_calls_stale(alice, book, minutes, state):
    at = timezone.now() - timedelta(minutes=minutes)
    rows.snapshot(book, at)
    (heard,) = hearings(accounts_in_use(), now=timezone.now())
    assert heard.freshness == state
    feed = Feed(at, at, PATIENCE[Heard.ASKED])
    assert [one.kind for one in judge_feed(feed, timezone.now())] == (
        [DivergenceClass.STALE_FEED] if state == "stale" else []
    )
