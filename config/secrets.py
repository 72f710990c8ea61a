"""Secrets that nobody gave us: made once, kept in DATA_DIR/secrets with 0600."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.runtime.layout import Layout, make_private_folder


def read_or_make(name: str, layout: Layout) -> str:
    """The option from the environment, else the generated one. Safe when several processes start at once."""
    given = env.text(name)
    if given:
        return given
    file = layout.secrets / name.lower()
    try:
        if not file.exists():
            _make(file, _fresh(name))
        return file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR={layout.data_dir} cannot be used: {error.strerror or error} ({error.filename}). "
            "Give a folder that this user may write to."
        ) from None


def _fresh(name: str) -> str:
    return (
        Fernet.generate_key().decode()
        if name == "FIELD_ENCRYPTION_KEY"
        else secrets.token_urlsafe(64)
    )


def _make(file: Path, value: str) -> None:
    make_private_folder(file.parent)
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(value + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        # A link fails when another process was first; then its value stands.
        os.link(scratch, file)
    except FileExistsError:
        pass
    finally:
        scratch.unlink()
