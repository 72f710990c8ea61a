"""Signing in with a passkey and with a code from an authenticator app."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

# What a phone or laptop with a fingerprint reader is to a browser.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def enter_code(page, code: str) -> None:
    field = page.get_by_label(re.compile("code", re.IGNORECASE))
    field.fill(code)
    field.press("Enter")


def test_a_passkey_is_registered_and_signs_in(visit):
    heidi = visit()
    heidi.sign_up("heidi")
    device = heidi.context.new_cdp_session(heidi.page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page = heidi.open("/settings/security")
    page.get_by_role("link", name="Add passkeys").click()
    heidi.confirm_password()
    page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add it", exact=True).click()
    expect(page).not_to_have_url(re.compile("/webauthn/add/"))
    expect(heidi.open("/settings/security").locator("#content")).to_contain_text("1 registered")

    heidi.sign_out()
    page = heidi.open("/trades")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(heidi.heading("Start with a statement")).to_be_visible()
    expect(page).to_have_url(heidi.base + "/trades")
    expect(heidi.open("/settings").locator("#content")).to_contain_text("heidi@example.org")


def test_an_authenticator_app_is_set_up_and_its_code_asked_for(visit):
    ivan = visit()
    ivan.sign_up("ivan")
    page = ivan.open("/settings/security")
    page.get_by_role("link", name="Set up the authenticator app").click()
    ivan.confirm_password()
    secret = page.get_by_label(re.compile("secret", re.IGNORECASE)).input_value()
    enter_code(page, code_of(secret))
    expect(page).not_to_have_url(re.compile("/activate/"))

    ivan.sign_out()
    page = ivan.open("/")
    ivan.sign_in("ivan@example.org")
    expect(page).to_have_url(re.compile("/2fa/authenticate/"))
    enter_code(page, "000000")
    expect(page.locator("body")).to_contain_text("Incorrect code")
    enter_code(page, code_of(secret))
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
