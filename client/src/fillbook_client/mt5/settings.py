"""What the bridge is told: from its command line, else the environment, else a file beside it."""

from __future__ import annotations

import argparse
import configparser
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECTION = "fillbook-mt5"
_PREFIX = "FILLBOOK_MT5_"
# Names that the client for trading programs has as well.
_SHARED = {"url": "FILLBOOK_URL", "token": "FILLBOOK_TOKEN"}
_NEEDED = ("url", "token", "secret", "connection")
_HELP = {
    "url": "address of the journal, as https://journal.example.org",
    "connection": "number of the connection, as the journal shows it",
    "terminal": "path of terminal64.exe, where several are installed",
    "spool": "file in which pushes wait",
    "interval": "seconds between two looks at the terminal (15)",
    "closing": "yes: guards of the journal may close positions in this terminal (no)",
}
_SECRETS = ("token", "secret", "login", "password", "server")


class SettingsMissing(Exception):
    """The sentence says which, and where they can be given."""


@dataclass(frozen=True)
class Settings:
    """`terminal` holds what goes to the package's `initialize`."""

    url: str
    token: str
    secret: str
    connection: str
    spool: Path
    interval: float
    terminal: Mapping[str, Any]
    may_close: bool = False


def arguments() -> argparse.ArgumentParser:
    """Secrets are not among them: command lines are seen by others and kept by shells."""
    parser = argparse.ArgumentParser(
        prog="fillbook-mt5",
        description="Pushes deals, positions and the account of a MetaTrader 5 terminal on this machine to Fillbook.",
        epilog=f"Secrets come from the file or the environment: {', '.join(map(_variable, _SECRETS))}.",
    )
    parser.add_argument("--config", metavar="FILE", help="settings file (fillbook-mt5.ini)")
    for name, text in _HELP.items():
        parser.add_argument(f"--{name}", help=text)
    parser.add_argument(
        "--once", action="store_true", help="look once, deliver, say how it went, and end"
    )
    parser.add_argument(
        "--start-over",
        action="store_true",
        help="forget what was sent, and send all of the history again",
    )
    return parser


def read_settings(given: argparse.Namespace, environment: Mapping[str, str]) -> Settings:
    """Raises SettingsMissing."""
    written = _read_file(given.config)

    def find(name: str) -> str:
        return str(
            getattr(given, name, None)
            or environment.get(_variable(name))
            or written.get(name)
            or ""
        ).strip()

    missing = [name for name in _NEEDED if not find(name)]
    if missing:
        names = ", ".join(f"{name} ({_variable(name)})" for name in missing)
        raise SettingsMissing(
            f"Not set: {names}. Write them under [{SECTION}] into fillbook-mt5.ini, or into the environment; the "
            "journal shows them on the page of the connection."
        )
    terminal = {"path": find("terminal"), "password": find("password"), "server": find("server")}
    options: dict[str, Any] = {name: value for name, value in terminal.items() if value}
    if find("login"):
        options["login"] = _number(int, "login", find("login"))
    return Settings(
        url=find("url"),
        token=find("token"),
        secret=find("secret"),
        connection=find("connection"),
        spool=Path(find("spool") or _default_spool(environment)),
        interval=max(1.0, _number(float, "interval", find("interval") or "15")),
        terminal=options,
        may_close=_yes("closing", find("closing") or "no"),
    )


def _read_file(name: str | None) -> Mapping[str, str]:
    path = Path(name or "fillbook-mt5.ini")
    if not path.exists():
        if name:
            raise SettingsMissing(f"There is no file {path}.")
        return {}
    # Passwords may hold a percent sign.
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig"))
        return dict(parser[SECTION])
    except (configparser.Error, UnicodeDecodeError, KeyError) as error:
        raise SettingsMissing(
            f"{path} cannot be read: it needs a line [{SECTION}] and below it lines such as url = https://… ({error})"
        ) from error


def _number(kind: Any, name: str, text: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise SettingsMissing(f"{name} is {text!r}, which is not a number.") from None


def _variable(name: str) -> str:
    return _SHARED.get(name, _PREFIX + name.upper())


def _default_spool(environment: Mapping[str, str]) -> Path:
    root = environment.get("LOCALAPPDATA") or os.path.expanduser("~/.local/state")
    return Path(root) / "fillbook" / "mt5.sqlite"


def parse(arguments_given: Sequence[str] | None = None) -> argparse.Namespace:
    return arguments().parse_args(arguments_given)


def _yes(name: str, text: str) -> bool:
    """Nothing is allowed by a word that was not meant so."""
    if text.lower() not in ("yes", "no"):
        raise SettingsMissing(f"{name} is {text}: write yes or no.")
    return text.lower() == "yes"
