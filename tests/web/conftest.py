"""Pages as they are reached: the admin is filled with the addresses."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.conf import settings


@pytest.fixture(scope="session", autouse=True)
def addresses() -> None:
    import_module(settings.ROOT_URLCONF)
