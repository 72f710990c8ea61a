"""A page with every component, for tests and for eyes: `python -m tests.unit.common.stylesheet FOLDER`."""

from __future__ import annotations

import random
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import django
from django import forms
from django.template import Context, Engine
from django.test import RequestFactory
from django.urls import set_urlconf

from common import numbers
from common.templatetags.icons import SHAPES
from journal import charts

ROOT = Path(__file__).resolve().parents[3]
LIBRARIES = {
    "figures": "common.templatetags.figures",
    "ui": "common.templatetags.ui",
    "static": "django.templatetags.static",
    "partials": "template_partials.templatetags.partials",
}
LONG_SYMBOL = "ESTX50 P 4850 19DEC26 WEEKLY EUREX FLEX X"


def engine() -> Engine:
    return Engine(
        dirs=[ROOT / "templates", Path(__file__).parent],
        libraries=LIBRARIES,
        debug=True,
        string_if_invalid="",
    )


class SampleForm(forms.Form):
    name = forms.CharField(label="Name of the account", help_text="As you call it.")
    method = forms.ChoiceField(label="Lot method", choices=[("fifo", "First in, first out")])
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    hedging = forms.BooleanField(label="Positions are hedged", required=False)


def render_stylesheet() -> str:
    set_urlconf("tests.unit.common.stylesheet_urls")
    try:
        return engine().get_template("stylesheet.html").render(Context(sample()))
    finally:
        set_urlconf(None)


def sample() -> dict[str, object]:
    source = random.Random(7)
    days = equity_days(source)
    return {
        "request": RequestFactory().get("/", {"symbol": "AAPL"}),
        "user": {"is_authenticated": True, "email": "alice@example.org"},
        "csrf_token": "x",
        "heading": "Dashboard",
        "net": Decimal("40318.27"),
        "fees": Decimal("-1294.1837"),
        "bar": bar(),
        "nav_counts": {"issues": 3},
        "equity": {
            "figure_id": "equity",
            "says": "Equity rose by 40,318.27 USD since January; its deepest fall was 12.3% in August.",
            "figure": charts.equity_curve(days, currency="USD", address="/trades?day={x}"),
            "size": "l",
            "columns": ["Day", "Equity", "Drawdown"],
            "rows": [
                [
                    f"{day.on:%d %b %Y}",
                    numbers.write_money(day.equity),
                    numbers.write_money(day.drawdown),
                ]
                for day in days[:20]
            ],
        },
        "months_chart": {
            "figure_id": "months",
            "says": "Nine of eleven months ended above nothing.",
            "figure": charts.bars(
                [
                    charts.Bar(
                        name,
                        Decimal(source.randint(-4000, 9000)),
                        "/calendar?month=2026-01",
                        "12 trades",
                    )
                    for name in (
                        "Jan",
                        "Feb",
                        "Mar",
                        "Apr",
                        "May",
                        "Jun",
                        "Jul",
                        "Aug",
                        "Sep",
                        "Oct",
                        "Nov",
                    )
                ],
                currency="USD",
            ),
        },
        "symbols_chart": {
            "figure_id": "symbols",
            "says": "Three symbols made four fifths of the profit.",
            "figure": charts.ranked_bars(
                [
                    charts.Bar(name, Decimal(value), f"/trades?symbol={name}", "31 trades")
                    for name, value in (
                        ("MES", "18240.5"),
                        ("AAPL", "9120"),
                        ("SPX", "5210.25"),
                        ("EUR.USD", "812"),
                        (LONG_SYMBOL, "-912.4"),
                        ("BTC", "-4230.12"),
                    )
                ],
                currency="USD",
            ),
        },
        "columns": columns(),
        "trades": trades(source),
        "positions": [
            {"symbol": "AAPL", "quantity": 200, "price": "187.4312", "tick": "0.01"},
            {"symbol": "MES DEC26", "quantity": -2, "price": "4512.25", "tick": "0.25"},
            {"symbol": "EUR.USD", "quantity": 125000, "price": "1.08455", "tick": "0.00005"},
            {"symbol": LONG_SYMBOL, "quantity": -10, "price": "37.4", "tick": "0.1"},
            {"symbol": "BTC", "quantity": "0.01834512", "price": "96120.5", "tick": "0.1"},
        ],
        "pages": {"says": "1 to 12", "next": "?cursor=x"},
        "month": month(source),
        "months": months(source),
        "problems": [
            {
                "severity": "error",
                "message": "A close without an open: 40 AAPL were sold that this book never bought.",
                "where": "row 1,204",
                "more": "The statement starts in the middle of the position. Import the period before 12 Mar 2025.",
                "url": "#",
            },
            {
                "severity": "warning",
                "message": "The broker states 0.02 USD more commission than its trades add up to.",
                "where": "row 88",
            },
            {
                "severity": "info",
                "message": "An unknown section was kept: CryptoLedger, 4 rows.",
                "where": "line 9,120",
            },
        ],
        "work": {
            "title": "Booking trades",
            "done": 61200,
            "total": 100000,
            "note": "U1234567_2025.xml, 2 of 3 accounts",
            "poll_url": "",
            "steps": [
                {"label": "Read 100,000 executions", "state": "done"},
                {"label": "Book them into trades", "state": "now"},
                {"label": "Sum up days", "state": "next"},
            ],
        },
        "form": SampleForm({"name": "", "method": "fifo", "hedging": True}),
        "pairs": [
            ("Gross", "1240.50"),
            ("Commission", "-4.20"),
            ("Exchange fees", "-0.31"),
            ("Net", "1235.99"),
        ],
        "icons": sorted(SHAPES),
    }


def bar() -> dict[str, object]:
    def menu(label, icon, *names):
        options = [
            {"label": name, "url": "#", "current": not index} for index, name in enumerate(names)
        ]
        return {"label": label, "icon": icon, "value": names[0], "options": options}

    def switch(label, *names):
        return {
            "label": label,
            "options": [{"label": n, "url": "#", "current": not i} for i, n in enumerate(names)],
        }

    return {
        "workspace": menu("Workspace", "team", "Alice trades", "Family"),
        "account": menu("Account", "accounts", "All accounts", "IBKR U1234567", "Kraken"),
        "period": menu("Period", "calendar", "This year", "Last 30 days", "All time"),
        "switches": [
            switch("Before or after costs", "Net", "Gross"),
            switch("Unit", "USD", "Base", "%"),
        ],
    }


def equity_days(source: random.Random) -> list[charts.EquityDay]:
    equity = peak = Decimal(0)
    days = []
    for index in range(220):
        equity += Decimal(str(round(source.gauss(180, 1400), 2)))
        peak = max(peak, equity)
        day = date(2026, 1, 5) + timedelta(days=index * 7 // 5)
        days.append(charts.EquityDay(day, equity, equity - peak))
    return days


def columns() -> list[dict[str, object]]:
    names = (
        ("symbol", "Symbol", 0),
        ("side", "Side", 0),
        ("quantity", "Quantity", 1),
        ("entry", "Entry", 1),
        ("exit", "Exit", 1),
        ("closed", "Closed", 0),
        ("held", "Held", 1),
        ("fee", "Fees", 1),
        ("r", "R", 1),
        ("net", "Net P&L", 1),
    )
    return [
        {
            "key": key,
            "label": label,
            "number": number,
            "sortable": key != "side",
            "optional": key not in ("symbol", "net"),
        }
        for key, label, number in names
    ]


def trades(source: random.Random) -> list[dict[str, object]]:
    rows = []
    symbols = (
        "AAPL",
        "MES DEC26",
        "SPX 19DEC26 4850 P",
        "EUR.USD",
        "BTC",
        LONG_SYMBOL,
        "NVDA",
        "7203",
        "VOD",
        "GC FEB27",
        "TSLA",
        "F",
    )
    for index, symbol in enumerate(symbols):
        net = Decimal(str(round(source.gauss(120, 900), 2)))
        rows.append(
            {
                "id": index,
                "symbol": symbol,
                "side": source.choice(["Long", "Short"]),
                "quantity": source.randint(1, 900),
                "entry": Decimal("187.4312"),
                "exit": None if index == 1 else Decimal("189.02"),
                "tick": "0.01",
                "closed": None
                if index == 1
                else datetime(2026, 11, 20, 20, 58, 12, tzinfo=UTC) - timedelta(hours=7 * index),
                "held": source.randint(40, 400_000),
                "fee": Decimal("-1.004") * index,
                "r": None if index % 3 else net / 500,
                "net": None
                if index == 1
                else Decimal("-7654321.09")
                if index == 5
                else Decimal(0)
                if index == 9
                else net,
            }
        )
    return rows


def month(source: random.Random) -> dict[str, object]:
    first = date(2026, 10, 26)
    weeks = []
    for number in range(6):
        days = []
        for offset in range(7):
            day = first + timedelta(days=number * 7 + offset)
            trades = (
                source.randint(1, 9)
                if offset < 5
                and day.month == 11
                and day <= date(2026, 11, 20)
                and source.random() > 0.1
                else 0
            )
            total = Decimal(str(round(source.gauss(200, 900), 2)))
            days.append(
                {
                    "date": day,
                    "number": day.day,
                    "out": day.month != 11,
                    "today": day == date(2026, 11, 20),
                    "url": "#" if trades else "",
                    "trades": trades,
                    "total": total if trades else None,
                }
            )
        week = {
            "label": f"Week {44 + number}",
            "days": days,
            "trades": sum(d["trades"] for d in days),
        }
        weeks.append(
            week
            | {
                "total": sum((d["total"] or Decimal(0)) for d in days),
                "url": "#" if week["trades"] else "",
            }
        )
    return {
        "weekdays": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        "weeks": weeks,
        "scale": Decimal(1500),
        "currency": "",
        "places": 0,
    }


def months(source: random.Random) -> list[dict[str, object]]:
    result = []
    for number in range(1, 13):
        first = date(2026, number, 1)
        days = []
        for offset in range(42):
            day = first - timedelta(days=first.weekday()) + timedelta(days=offset)
            traded = day.month == number and day.weekday() < 5 and day < date(2026, 11, 20)
            days.append(
                {
                    "out": day.month != number,
                    "total": Decimal(round(source.gauss(150, 800))) if traded else None,
                }
            )
        total = sum((day["total"] or 0) for day in days)
        result.append(
            {
                "name": f"{first:%B}",
                "url": "#",
                "current": number == 11,
                "total": total,
                "places": 0,
                "trades": 40 if number < 12 else 0,
                "scale": Decimal(1500),
                "days": days,
            }
        )
    return result


def main(folder: str) -> None:
    django.setup()
    Path(folder, "index.html").write_text(render_stylesheet())
    plain = engine()
    for code in ("404", "500", "403", "app_error"):
        context = {
            "status": 409,
            "message": "This file was imported before, on 03 Nov 2026. Undo that import first.",
            "fields": {"file": ["already known"]},
        }
        Path(folder, f"{code}.html").write_text(
            plain.get_template(f"errors/{code}.html").render(Context(context))
        )


if __name__ == "__main__":
    main(sys.argv[1])
