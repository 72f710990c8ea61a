"""Bars over the API, and how far trades went."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from journal.models import PriceBar, PriceFile, PriceSeries
from tests import captures, people
from tests.web.journal.test_dashboard import words
from tests.web.journal.test_trade_prices import store, trade_with_a_stop

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


def bars(**more):
    rows = [
        {
            "at": "2026-06-02T13:30:00Z",
            "open": "10",
            "high": "11.5",
            "low": "9",
            "close": "10",
            "volume": "7",
        },
        [1780407060000, 10, 12, 9.25, 10],
    ]
    return {"symbol": "ACME", "interval": "1m", "source": "mybot", "bars": rows, **more}


def test_a_bot_sends_bars_once_and_again(who):
    bot = captures.bot(who.alice)
    answer = bot.post("/api/prices/bars", bars(), format="json")
    assert (answer.status_code, answer.json()["bars"], answer.json()["added"]) == (200, 2, 2)
    again = bot.post("/api/prices/bars", bars(), format="json").json()
    assert (again["added"], again["changed"]) == (0, 0)
    [series] = bot.get("/api/prices/series").json()["results"]
    assert (series["symbol"], series["interval"], series["source"], series["bars"]) == (
        "ACME",
        "1m",
        "mybot",
        2,
    )
    with scope(workspace=who.workspace):
        assert str(PriceBar.objects.order_by("-opened_at")[0].low) == "9.25"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"symbol": ""}, "symbol"),
        ({"symbol": "!!"}, "symbol"),
        ({"interval": "1w"}, "interval"),
        ({"interval": None}, "interval"),
        ({"zone": "Nowhere"}, "zone"),
        ({"basis": "split"}, "basis"),
        ({"bars": []}, "bars"),
        ({"bars": [[]] * 5001}, "bars"),
        ({"bars": [["2026-06-02T13:30:00", "1", "1", "1", "1"]]}, "bars.0"),
        ({"bars": [["2026-06-02T13:30:00Z", "1", "1", "1"]]}, "bars.0"),
        ({"bars": [["2026-06-02T13:30:00Z", "1", "0.5", "1", "1"]]}, "bars.0"),
        ({"bars": [["2026-06-02T13:30:00Z", "1", "x", "1", "1"]]}, "bars.0"),
        ({"bars": ["x"]}, "bars.0"),
    ],
)
def test_what_is_wrong_is_told_by_field_and_nothing_is_kept(who, change, field):
    answer = captures.bot(who.alice).post("/api/prices/bars", bars(**change), format="json")
    assert answer.status_code in (400, 422)
    assert field in answer.json()["fields"]
    with scope(workspace=who.workspace):
        assert not PriceSeries.objects.exists()


def test_who_may_only_read_sends_nothing(who):
    reader = people.bot(who.alice, Scope.JOURNAL_READ)
    assert reader.post("/api/prices/bars", bars(), format="json").status_code == 403
    assert reader.get("/api/prices/series").status_code == 200


def test_excursions_of_a_trade_as_text(who):
    trade = trade_with_a_stop(who.alice)
    bot = captures.bot(who.alice)
    unknown = bot.get(f"/api/trades/{trade.pk}/excursions").json()
    assert (unknown["mae"], unknown["reason"]) == (None, "There are no price bars of that time.")
    store(who.alice)
    told = bot.get(f"/api/trades/{trade.pk}/excursions").json()
    assert (told["mae"]["money"], told["mfe"]["money"]) == ("-3", "20")
    assert (told["quality"], told["interval"], told["currency"], told["reason"]) == (
        "intraday",
        "1m",
        "USD",
        "",
    )


def test_a_token_of_another_account_does_not_see_it(who):
    trade = trade_with_a_stop(who.alice)
    other = captures.account_of(who.workspace, "U1")
    bot = captures.bot(who.alice, account=other)
    assert bot.get(f"/api/trades/{trade.pk}/excursions").status_code == 404


# -- the page


def upload(membership, text: str, name: str = "ACME.csv", **fields):
    file = SimpleUploadedFile(name, text.encode())
    return people.browser(membership).post("/prices", {"file": file, **fields}, follow=True)


GOOD = "time,open,high,low,close\n1780408800,10,11,9,10\nsoon,1,1,1,1\n1780408860,10,11,9,10\n"


def test_a_file_is_uploaded_and_read(who, django_capture_on_commit_callbacks, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    page = upload(who.alice, GOOD)
    assert "1 file is being read" in words(page)
    with scope(workspace=who.workspace):
        from journal.tasks import read_price_file  # noqa: PLC0415

        for file in PriceFile.objects.all():
            read_price_file(file.pk)
    text = words(people.browser(who.alice).get("/prices"))
    assert "ACME, bars of 1m 1 row left out: row 3: “soon” is not a time 2 2 0" in text
    assert "ACME 1m file As traded" in text


def test_what_is_wrong_with_the_form_is_said(who):
    assert upload(who.alice, GOOD, interval="1w").status_code == 422
    assert upload(who.alice, "").status_code == 422
    assert people.browser(who.alice).post("/prices", {}).status_code == 422


def test_a_viewer_looks_only(who):
    captures.bot(who.alice).post("/api/prices/bars", bars(), format="json")
    page = people.browser(who.bob).get("/prices")
    assert "ACME" in words(page)
    assert "Remove" not in words(page)
    with scope(workspace=who.workspace):
        series = PriceSeries.objects.get()
    assert people.browser(who.bob).post("/prices", {}).status_code == 403
    assert people.browser(who.bob).post(f"/prices/{series.pk}/delete").status_code == 403


def test_prices_are_removed(who):
    captures.bot(who.alice).post("/api/prices/bars", bars(), format="json")
    with scope(workspace=who.workspace):
        series = PriceSeries.objects.get()
    page = people.browser(who.alice).post(f"/prices/{series.pk}/delete", follow=True)
    assert "No prices yet" in words(page)
