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


def test_a_crash_is_seen_from_warning_to_verified_flat(visit, application):
    seeded = manage(application, "seed_demo", "--executions", "50", FILLBOOK_PASSWORD=PASSWORD)
    said, _ = seeded.communicate(timeout=SECONDS)
    assert seeded.returncode == 0, said
    owner = visit()
    page = owner.open("/guards")
    owner.sign_in("demo@fillbook.local")
    page = owner.open("/guards")
    link = page.get_by_role("link", name="Demo: ten per cent from the peak", exact=True).first
    address = link.get_attribute("href")
    page = owner.open(address)
    expect(page.locator("main")).to_contain_text(re.compile("warned", re.IGNORECASE))
    shoot(page, "guard-before")
    for path in ("/reconciliation", "/reconciliation/live", "/reconciliation/snapshots", "/guards"):
        shoot(owner.open(path), path.strip("/").replace("/", "-"))

    crash = manage(application, "demo_crash")
    states: list[str] = []
    shot = False
    while crash.poll() is None:
        page = owner.open(address)
        text = page.locator("main").inner_text()
        states.append(text)
        if not shot and re.search("closing|closed", text, re.IGNORECASE) and "Fired" in text:
            shoot(page, "guard-during")
            shot = True
        page.wait_for_timeout(500)
    lines = crash.stdout.read()
    assert crash.returncode == 0, lines
    assert "The guard fires" in lines
    assert "Outcome: Flat" in lines or "flat" in lines.splitlines()[-1].lower(), lines

    page = owner.open(address)
    expect(page.locator("main")).to_contain_text(re.compile("flat", re.IGNORECASE))
    shoot(page, "guard-after")
    # The lock stands on every page.
    page = owner.open("/trades")
    expect(page.locator("body")).to_contain_text(re.compile("locked", re.IGNORECASE))
    shoot(page, "lock-banner")
    live = owner.open("/reconciliation/live")
    shoot(live, "live-after")
