"""The demo's crash, seen in the browser: a guard that warned, fires, closes, and the account that was seen flat."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.people import PASSWORD
from tests.runtime.running import ROOT, environment

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]
SECONDS = 240


def manage(application, *arguments: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment(application.data_dir, application.port, **more),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def shoot(page, name: str) -> None:
    """For whoever wants to look: FILLBOOK_SCREENSHOTS=/a/folder."""
    folder = os.environ.get("FILLBOOK_SCREENSHOTS")
    if folder:
        for width, scheme in ((1440, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)


@pytest.fixture
def owner(visit, application):
    seeded = manage(application, "seed_demo", "--executions", "50", FILLBOOK_PASSWORD=PASSWORD)
    said, _ = seeded.communicate(timeout=SECONDS)
    assert seeded.returncode == 0, said
    owner = visit()
    owner.open("/guards")
    owner.sign_in("demo@fillbook.local")
    expect(owner.heading("Guards").first).to_be_visible()
    return owner


def main_of(page) -> str:
    return page.locator("main").inner_text()


def test_a_crash_is_seen_from_warning_to_verified_flat(owner, application):
    page = owner.open("/guards")
    link = page.get_by_role("link", name="Demo: ten per cent from the peak").first
    address = link.get_attribute("href")
    assert re.search("warned", main_of(owner.open(address)), re.IGNORECASE)
    shoot(page, "guard-before")
    for path in ("/reconciliation", "/reconciliation/live", "/reconciliation/snapshots", "/guards"):
        shoot(owner.open(path), path.strip("/").replace("/", "-"))

    seen = watch(owner, address, manage(application, "demo_crash"))
    assert any(re.search("closing", text, re.IGNORECASE) for text in seen)

    assert re.search("flat", main_of(owner.open(address)), re.IGNORECASE)
    shoot(page, "guard-after")
    # The lock stands on every page.
    page = owner.open("/trades")
    expect(page.locator("body")).to_contain_text(re.compile("locked", re.IGNORECASE))
    shoot(page, "lock-banner")
    shoot(owner.open("/reconciliation/live"), "live-after")


def watch(owner, address: str, crash: subprocess.Popen[str]) -> list[str]:
    """What the guard's page says while it goes on."""
    seen: list[str] = []
    while crash.poll() is None:
        page = owner.open(address)
        text = main_of(page)
        if text not in seen:
            seen.append(text)
        if "Fired" in text and len(seen) < 12:
            shoot(page, "guard-during")
        page.wait_for_timeout(500)
    assert crash.stdout is not None
    said = crash.stdout.read()
    assert crash.returncode == 0, said
    assert "The guard fires" in said, said
    assert "flat" in said.splitlines()[-1].lower(), said
    return seen
