"""All shared pieces rendered on one page: valid, safe under the content security policy, without dead links."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.template import Context
from django.test import RequestFactory

from common.templatetags.icons import SHAPES
from common.templatetags.ui import is_under
from tests.unit.common.stylesheet import ROOT, engine, render_stylesheet

pytestmark = pytest.mark.urls("tests.unit.common.stylesheet_urls")
STATIC = ROOT / "static"
VOID = {"meta", "link", "input", "br", "hr", "img", "path", "rect"}
ERRORS = ("400", "403", "404", "413", "429", "500", "503", "app_error")


class Page(HTMLParser):
    """Tags with their attributes, and what was left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.inline_scripts = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.faults.append(f"</{tag}> at {self.getpos()} closes {self.open[-1:]}")

    def handle_data(self, data):
        if self.open and self.open[-1] == "script" and data.strip():
            self.inline_scripts += dict(self.tags[-1][1]).get("type") != "application/json"

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def text() -> str:
    return render_stylesheet()


@pytest.fixture(scope="module")
def page(text) -> Page:
    return Page(text)


def render(template: str, **context: object) -> str:
    return engine().get_template(template).render(Context(context))


def test_every_tag_is_closed_in_order(page):
    assert page.faults == []
    assert page.open == []


def test_no_id_is_used_twice(page):
    ids = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
    assert [name for name, number in ids.items() if number > 1] == []


def test_scripts_and_styles_come_from_this_server_only(page):
    assert page.inline_scripts == 0
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert "style" not in attributes
    sources = [a["src"] for a in page.all("script") if "src" in a] + [
        a["href"] for a in page.all("link")
    ]
    for source in sources:
        assert source.startswith("/static/")
        assert (STATIC / unquote(source).removeprefix("/static/")).is_file()


def test_only_the_theme_is_loaded_before_the_first_paint(page):
    blocking = [
        a["src"]
        for a in page.all("script")
        if "src" in a and "defer" not in a and a.get("type") != "module"
    ]
    assert blocking == ["/static/js/theme.js"]
    assert (STATIC / "js/theme.js").stat().st_size < 1024


def test_labels_name_their_fields_and_buttons_say_what_they_do(page):
    ids = {attributes.get("id") for _, attributes in page.tags}
    assert {a["for"] for a in page.all("label") if "for" in a} <= ids
    assert [a for a in page.all("nav") if not a.get("aria-label")] == []


def test_the_page_one_is_on_is_marked_in_both_navigations(text):
    assert len(re.findall(r'class="(?:nav|tabbar)__item" href="/" aria-current="page"', text)) == 2


def test_an_address_that_does_not_exist_is_no_entry():
    shown = render("components/nav.html", request=RequestFactory().get("/"))
    assert "journal:" not in shown
    assert '{% nav_item "nowhere:at-all"' not in shown
    nowhere = engine().from_string('{% load ui %}{% nav_item "nowhere:at-all" "Nowhere" "book" %}')
    assert nowhere.render(Context({})).strip() == ""


@pytest.mark.parametrize(
    ("path", "url", "marked"),
    [
        ("/trades", "/trades", True),
        ("/trades/7", "/trades", True),
        ("/tradesmen", "/trades", False),
        ("/trades", "/", False),
        ("/", "/", True),
    ],
)
def test_a_page_below_marks_the_entry_above_it(path, url, marked):
    assert is_under(path, url) is marked


def test_a_link_keeps_the_rest_of_the_query():
    template = engine().from_string("{% load ui %}{% query sort='-net' cursor='' %}")
    request = RequestFactory().get("/trades", {"symbol": "AAPL", "cursor": "x", "sort": "net"})
    assert template.render(Context({"request": request})) == "?symbol=AAPL&amp;sort=-net"


def test_a_sorted_head_says_its_direction_and_offers_the_other(text):
    assert 'aria-sort="descending"' in text
    assert 'href="?symbol=AAPL&amp;sort=closed"' in text
    assert 'href="?symbol=AAPL&amp;sort=-quantity"' in text


def test_work_that_goes_on_asks_again_and_work_that_ended_does_not():
    going = render(
        "components/progress.html", work={"title": "Booking", "poll_url": "/imports/1/progress"}
    )
    ended = render("components/progress.html", work={"title": "Done", "poll_url": ""})
    assert 'hx-get="/imports/1/progress"' in going
    assert "hx-" not in ended
    assert 'value="1" max="1"' in ended


def test_what_a_broker_wrote_cannot_become_markup():
    problems = [{"severity": "error", "message": "<img src=x onerror=alert(1)>", "where": "<b>"}]
    shown = render("components/problem_list.html", problems=problems)
    assert "<img" not in shown
    assert "<b>" not in shown
    chart = {
        "figure_id": "f",
        "says": "<i>",
        "figure": {"data": [{"name": "</script><script>"}], "layout": {}},
    }
    assert shown.count("<script") == 0
    assert render("components/chart.html", chart=chart).count("</script>") == 1


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_says_what_happened_and_what_to_do(name):
    page = Page(
        render(f"errors/{name}.html", status=409, message="It was imported before.", fields={})
    )
    assert page.faults == []
    assert page.open == []
    assert len(page.all("h1")) == 1
    assert any("btn" in (a.get("class") or "") for a in page.all("a"))


@pytest.mark.parametrize("name", ["500", "503"])
def test_the_pages_of_a_broken_server_need_nothing_of_it(name):
    source = (ROOT / "templates" / "errors" / f"{name}.html").read_text()
    assert "{%" not in source
    assert "{{" not in source


def test_vendored_files_keep_their_licences():
    for folder in (STATIC / "vendor").iterdir():
        assert re.fullmatch(r"[\w-]+@\d+\.\d+\.\d+", folder.name)
        assert (folder / "LICENSE").is_file()


def test_the_drawn_icons_are_all_that_templates_ask_for():
    asked = {
        name
        for file in Path(ROOT / "templates").rglob("*.html")
        for name in re.findall(r'\{% icon "([\w-]+)"', file.read_text())
    }
    assert asked <= SHAPES.keys()
