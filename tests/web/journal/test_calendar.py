"""The calendar: every cell is a sum of the book, and leads to its trades."""

from __future__ import annotations

import pytest

from tests import people
from tests.web.journal.books import import_many, import_small
from tests.web.journal.test_dashboard import words

pytestmark = pytest.mark.django_db

CALENDAR_QUERIES = 17


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def test_the_latest_month_with_anything_in_it_is_open(who, alice):
    import_small(who.workspace)
    assert "July 2026" in words(alice.get("/calendar"))


def test_the_month_is_in_the_address(who, alice):
    import_small(who.workspace)
    page = alice.get("/calendar", {"year": 2026, "month": 6})
    text = words(page)
    assert "June 2026" in text
    # Monday 1 June is the first day; the week adds its days.
    assert "2 +18 1 trade 3 1 fill 4 5 −12 1 trade" in text
    assert "W23 +6 2 trades" in text
    html = page.content.decode()
    assert 'href="/trades?start=2026-06-02&amp;end=2026-06-02"' in html
    assert 'href="/trades?start=2026-06-01&amp;end=2026-06-07"' in html
    assert "/calendar?year=2026&amp;month=5" in html
    assert "/calendar?year=2026&amp;month=7" in html


def test_a_week_at_the_edge_leads_to_the_days_of_this_month_only(who, alice):
    import_small(who.workspace)
    html = alice.get("/calendar", {"year": 2026, "month": 7}).content.decode()
    assert 'href="/trades?start=2026-07-01&amp;end=2026-07-05"' in html


@pytest.mark.parametrize("query", [{"month": "13"}, {"year": "0"}, {"year": "x"}, {"month": "-1"}])
def test_what_is_no_month_is_the_latest(who, alice, query):
    import_small(who.workspace)
    assert "July 2026" in words(alice.get("/calendar", query))


def test_a_week_in_percent_is_its_result_over_its_cost(who, alice):
    import_small(who.workspace)
    text = words(alice.get("/calendar", {"year": 2026, "month": 6, "unit": "percent"}))
    # 6.00 on 100 + 100 of cost.
    assert "W23 +3.00% 2 trades" in text


def test_the_number_of_queries_does_not_follow_the_book(who, alice, django_assert_max_num_queries):
    import_many(who.workspace, 120)
    alice.get("/calendar")
    with django_assert_max_num_queries(CALENDAR_QUERIES):
        alice.get("/calendar")
