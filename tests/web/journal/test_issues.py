"""The page of data issues."""

from __future__ import annotations

import pytest
from django_scopes import scope

from accounts.roles import Role
from journal.models import DataIssue, IssueDismissal
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now

pytestmark = pytest.mark.django_db
CLOSE_ONLY = statement(trade(quantity="-10", buySell="SELL", openCloseIndicator="C"))
BAD_ROW = statement(trade(), trade(transactionID="2", quantity="ten"))


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def issue_of(who, **wanted) -> DataIssue:
    with scope(workspace=who.workspace):
        return DataIssue.objects.filter(**wanted).latest("pk")


def test_a_clean_book_says_so(alice):
    assert "Nothing is odd" in alice.get("/issues").content.decode()


def test_a_bad_row_is_shown_with_its_file_row_and_raw_text(who, alice):
    import_now(who.workspace, BAD_ROW, name="june.xml")
    shown = alice.get("/issues").content.decode()
    issue = issue_of(who, severity="error")
    assert issue.message in shown.replace("&quot;", '"')
    assert f"june.xml, row {issue.row}" in shown
    assert "<dt>quantity</dt><dd>ten</dd>" in shown
    assert f"/imports/{issue.batch_id}#problems" in shown


def test_an_issue_of_the_book_leads_to_its_trade_and_says_what_to_do(who, alice):
    import_now(who.workspace, CLOSE_ONLY)
    issue = issue_of(who, batch=None, execution__isnull=False)
    shown = alice.get(f"/issues?show={issue.severity}").content.decode()
    with scope(workspace=who.workspace):
        assert f"/trades/{issue.execution.leg.trade_id}" in shown
    assert "ACME" in shown
    assert issue.code in shown


def test_dismissing_keeps_the_reason_and_holds_when_the_file_comes_again(who, alice):
    import_now(who.workspace, BAD_ROW)
    issue = issue_of(who, severity="error")
    response = alice.post(
        f"/issues/{issue.pk}/dismiss", {"reason": "A test order.", "next": "/issues?show=error"}
    )
    assert response.url == "/issues?show=error"
    assert "A test order." in alice.get("/issues?show=dismissed").content.decode()
    import_now(who.workspace, BAD_ROW + " ")
    assert issue.message not in alice.get("/issues?show=error").content.decode()
    alice.post(f"/issues/{issue_of(who, severity='error').pk}/restore")
    assert alice.get("/issues?show=error").context["tabs"][0]["count"] == 1


def test_the_same_trouble_in_two_files_is_one_issue(who, alice):
    import_now(who.workspace, BAD_ROW)
    import_now(who.workspace, BAD_ROW + " ")
    assert alice.get("/issues?show=error").context["tabs"][0]["count"] == 1
    assert str(alice.get("/issues").context["nav_counts"]["issues"]) == "1"


def test_a_redirect_after_dismissing_stays_here(who, alice):
    import_now(who.workspace, BAD_ROW)
    issue = issue_of(who, severity="error")
    response = alice.post(f"/issues/{issue.pk}/dismiss", {"next": "https://evil.example/"})
    assert response.url == "/issues"


def test_a_viewer_dismisses_nothing(who):
    import_now(who.workspace, BAD_ROW)
    bob, issue = people.browser(who.bob), issue_of(who, severity="error")
    assert bob.get("/issues").status_code == 200
    assert bob.post(f"/issues/{issue.pk}/dismiss").status_code == 403
    with scope(workspace=who.workspace):
        assert not IssueDismissal.objects.exists()


def test_many_issues_are_paged(who, alice):
    bad = [trade(transactionID=str(n), quantity=f"ten{n}") for n in range(120)]
    import_now(who.workspace, statement(trade(), *bad))
    first = alice.get("/issues?show=error")
    assert len(first.context["rows"]) == 50
    second = alice.get(f"/issues{first.context['page']['next']}")
    third = alice.get(f"/issues{second.context['page']['next']}")
    assert (len(second.context["rows"]), len(third.context["rows"])) == (50, 20)
