"""Credentials at rest: encrypted with FIELD_ENCRYPTION_KEY.

The option may hold several keys with commas between. The first one encrypts, each of them decrypts: so a key is changed
by putting the new one in front.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """Encrypted with a key that is not in FIELD_ENCRYPTION_KEY."""


def encrypt(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Raises Unreadable."""
    try:
        return _keys().decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise Unreadable(
            "FIELD_ENCRYPTION_KEY is not the one that this was encrypted with."
        ) from None


def digest(text: str) -> str:
    """Tells whether two secrets are the same, and nothing else of them, to who has no SECRET_KEY."""
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def _keys() -> MultiFernet:
    names = settings.FIELD_ENCRYPTION_KEY.split(",")
    return MultiFernet([Fernet(key.strip()) for key in names if key.strip()])
