"""A child must not outlive its supervisor, even one that is killed with -9."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
# Loaded here: a fresh child must not load libraries.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def dying_with_parent(number: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `number` when the parent is gone (Linux only)."""

    def arrange() -> None:
        # Ctrl-C goes to the supervisor alone, which stops its children in order.
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)

    return arrange
