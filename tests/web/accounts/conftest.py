"""What holds for all tests of people."""

import pytest
from django.urls import reverse


@pytest.fixture(autouse=True, scope="session")
def routes():
    """allauth has other routes with other settings, and chooses when it is first asked: before a test changes any."""
    reverse("account_login")
