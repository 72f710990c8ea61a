from collections.abc import Mapping

from django import template

from accounts.models import ApiToken

register = template.Library()

# In this order: Edge and Opera also say Chrome, and Chrome also says Safari.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "FxiOS": "Firefox",
    "Safari": "Safari",
    "curl": "curl",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@register.filter
def account_of(token: ApiToken, names: Mapping[int, str]) -> str:
    """The one broker account that a token is bound to; nothing for a token that is for all of them."""
    if token.account_id is None:
        return ""
    return names.get(token.account_id, "an account that was erased")


@register.filter
def browser(user_agent: str) -> str:
    """“Firefox on Linux” for what a browser says of itself; its own words when unknown."""
    name = _first(BROWSERS, user_agent)
    system = _first(SYSTEMS, user_agent)
    if not name:
        return user_agent or "Unknown"
    return f"{name} on {system}" if system else name


def _first(names: dict[str, str], text: str) -> str:
    return next((name for mark, name in names.items() if mark in text), "")
