"""`fillbook-mt5`, or `python -m fillbook_client.mt5`."""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence

from fillbook_client.mt5.bridge import AlreadyRunning, Bridge
from fillbook_client.mt5.settings import SettingsMissing, parse, read_settings
from fillbook_client.mt5.terminal import Unreadable, load_package


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all is well, 1 when something is still to be delivered or the terminal is not there, 2 for settings."""
    given = parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        bridge = Bridge(read_settings(given, os.environ), load_package())
    except (
        SettingsMissing,
        AlreadyRunning,
        Unreadable,
        ValueError,
        sqlite3.Error,
        OSError,
    ) as error:
        print(f"fillbook-mt5: {error}", file=sys.stderr)
        return 2
    try:
        if given.start_over:
            bridge.store.start_over()
        if given.once:
            return _once(bridge)
        bridge.run(_waiting())
    finally:
        bridge.close()
    return 0


def _once(bridge: Bridge) -> int:
    bridge.turn()
    waiting = bridge.store.count()
    print(bridge.describe())
    return 1 if waiting or not bridge.is_terminal_there else 0


def _waiting() -> Callable[[float], bool]:
    """Waits until the time is over or somebody ends the program; says which."""
    over = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: over.set())
    return over.wait


if __name__ == "__main__":
    sys.exit(main())
