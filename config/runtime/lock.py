"""One running copy per DATA_DIR. The kernel lets go of the lock when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from typing import TextIO

from config.runtime.faults import StartFailure
from config.runtime.layout import Layout, make_private_folder


def take(layout: Layout) -> TextIO:
    """Hold DATA_DIR until the returned file is closed."""
    make_private_folder(layout.run)
    handle = (layout.run / "lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        holder = handle.read().strip() or "unknown"
        handle.close()
        raise StartFailure(
            f"DATA_DIR={layout.data_dir} is in use by a copy that is running already (process {holder}): "
            "stop that one, or give this one another DATA_DIR and PORT."
        ) from None
    handle.seek(0)
    handle.truncate()
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle
