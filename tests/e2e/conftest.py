"""One copy of the application for all stories, Chromium in front of it."""

from __future__ import annotations

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.e2e.browsing import ARGUMENTS, Visitor
from tests.runtime.running import Copy

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The newcomer finds nobody here, so that story comes before the others."""
    first = [item for item in items if "tests/e2e/" in item.nodeid and "newcomer" in item.name]
    items[:] = [*first, *(item for item in items if item not in first)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def chromium() -> str:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    return found or pytest.skip("No Chromium on this machine; CHROMIUM=/path/to/it names one.")


@pytest.fixture(scope="session")
def application(chromium, tmp_path_factory):
    copy = Copy(tmp_path_factory.mktemp("application") / "data")
    yield copy.wait_until_ready()
    copy.stop()


@pytest.fixture(scope="module")
def browser(chromium):
    # For one module only: while Playwright's loop lives, Django refuses the database to other tests.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, application, request, tmp_path):
    """`visit(**options of the browser's context)` opens a browser of its own."""
    visitors: list[Visitor] = []

    def begin(**options) -> Visitor:
        visitors.append(Visitor(browser, f"http://localhost:{application.port}", **options))
        return visitors[-1]

    yield begin
    failed = request.node.stash.get(FAILED, False)
    for number, visitor in enumerate(visitors):
        if failed:
            path = tmp_path / f"{request.node.name}-{number}.png"
            visitor.page.screenshot(path=path, full_page=True)
            print(f"What was on the screen: {path} ({visitor.page.url})")
        visitor.context.close()
    if not failed:
        assert [trouble for visitor in visitors for trouble in visitor.troubles] == []
