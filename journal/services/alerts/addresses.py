"""Addresses of messengers, as Apprise writes them: typed by people, so trusted with nothing.

Apprise knows some 170 services. Some read files of this machine, run programs, or speak to whatever host they are told.
So only services that are named here are used, only arguments that are known to be harmless, and never a host of a
private network (`journal.services.alerts.guard`) unless ALERT_PRIVATE_HOSTS allows it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

from common.errors import Rejected
from journal.services.alerts.guard import is_public

if TYPE_CHECKING:
    from apprise import NotifyBase

# Addresses hold secrets: Apprise's own words about them stay out of our logs.
logging.getLogger("apprise").setLevel(logging.CRITICAL)

# Services whose host is their own.
HOSTED = {
    "tgram": "Telegram", "discord": "Discord", "slack": "Slack", "pover": "Pushover", "pbul": "Pushbullet",
    "gchat": "Google Chat", "zulip": "Zulip", "webex": "Webex", "prowl": "Prowl", "pagerduty": "PagerDuty",
    "twilio": "Twilio (SMS)", "vonage": "Vonage (SMS)", "nexmo": "Vonage (SMS)", "clicksend": "ClickSend (SMS)",
    "sinch": "Sinch (SMS)", "d7sms": "D7 Networks (SMS)",
    "opsgenie": "Opsgenie", "simplepush": "Simplepush", "spush": "Simplepush", "threema": "Threema",
}  # fmt: skip
# Services that anybody may run: with an s, over https.
ANYWHERE = {
    "ntfy": "ntfy", "ntfys": "ntfy", "gotify": "Gotify", "gotifys": "Gotify", "mmost": "Mattermost",
    "mmosts": "Mattermost", "matrix": "Matrix", "matrixs": "Matrix", "rocket": "Rocket.Chat",
    "rockets": "Rocket.Chat", "signal": "Signal", "signals": "Signal", "bark": "Bark", "barks": "Bark",
    "hassio": "Home Assistant", "hassios": "Home Assistant", "json": "JSON webhook", "jsons": "JSON webhook",
}  # fmt: skip
_ARGUMENTS = frozenset(
    {"priority", "tags", "silent", "sound", "thread", "topic", "mode", "version"}
)
_LENGTH_MAX = 1_000
_EXAMPLE = (
    "Write it as Apprise does, such as tgram://bot-token/chat-id or ntfys://ntfy.sh/my-topic."
)


def check_address(address: str) -> str:
    """The service that it is for, in words. Raises Rejected with `fields`."""
    text = address.strip()
    scheme = text.partition("://")[0].lower()
    service = HOSTED.get(scheme) or ANYWHERE.get(scheme)
    if service is None or "://" not in text:
        known = ", ".join(sorted({*HOSTED.values(), *ANYWHERE.values()}))
        raise address_refused(
            f"That is no address of a service that is known here: {known}. {_EXAMPLE}"
        )
    if len(text) > _LENGTH_MAX or not text.isprintable():
        raise address_refused(
            f"An address is printable text of at most {_LENGTH_MAX:,} characters."
        )
    strange = [name for name, _ in _arguments(text) if name not in _ARGUMENTS]
    if strange:
        raise address_refused(f"The argument {strange[0][:40]} is not allowed here. Leave it out.")
    messenger = read_address(text)
    if messenger is None:
        raise address_refused(f"{service} does not know such an address. {_EXAMPLE}")
    host = str(messenger.host or "")
    if scheme in ANYWHERE and not settings.ALERT_PRIVATE_HOSTS and not is_public(host):
        raise address_refused(
            f"{host} is not found, or is a machine of a private network, which alerts are not sent to. Whoever runs "
            "this installation can allow it (ALERT_PRIVATE_HOSTS)."
        )
    return service


def read_address(address: str) -> NotifyBase | None:
    """None where Apprise cannot read it."""
    # A third of a second and 20 MB: only for who sends.
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415

    asset = AppriseAsset(app_id="Fillbook", app_desc="Fillbook", app_url="", secure_logging=True)
    found: NotifyBase | None = Apprise.instantiate(address, asset=asset)
    return found


def _arguments(address: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(address).query, keep_blank_values=True)
    except ValueError:
        raise address_refused(_EXAMPLE) from None


def address_refused(words: str) -> Rejected:
    return Rejected("address_refused", words, {"address": [words]})
