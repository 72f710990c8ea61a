"""A number is written as the person who reads it is used to."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from accounts.middleware import workspace_optional
from accounts.models import Locale
from common.numbers import NUMBER_FORMATS, format_for_language, number_format, write_money
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@workspace_optional
def amount(request):
    return HttpResponse(write_money("-1234567.5", "EUR"))


urlpatterns = [path("amount", amount)]


def read(client, language=None):
    headers = {"Accept-Language": language} if language else {}
    return client.get("/amount", headers=headers).content.decode()


def somebody(**fields):
    membership = people.alice()
    for name, value in fields.items():
        setattr(membership.user, name, value)
    membership.user.save()
    return people.browser(membership)


def test_numbers_follow_the_choice_of_the_person_whatever_the_browser_asks():
    client = somebody(locale=Locale.GERMAN)
    assert read(client, "en-US,en;q=0.5") == "−1.234.567,50 EUR"


def test_without_a_choice_numbers_follow_the_browser():
    client = somebody()
    assert read(client, "de-CH,de;q=0.9") == "−1’234’567.50 EUR"
    assert read(client) == "−1,234,567.50 EUR"


def test_nobody_in_particular_reads_numbers_as_the_browser_asks():
    assert read(Client(), "hi") == "−12,34,567.50 EUR"


def test_one_person_s_format_is_not_left_to_the_next():
    assert read(Client(), "de") != read(Client(), "en")
    assert read(Client()) == "−1,234,567.50 EUR"


@pytest.mark.parametrize("locale", [locale for locale in Locale if locale != Locale.BROWSER])
def test_every_choice_writes_what_its_example_says(locale):
    name = format_for_language(locale.value)
    assert name in NUMBER_FORMATS
    example = locale.label.split(" (")[0]
    with number_format(name):
        written = write_money("1234567.89" if locale == Locale.INDIAN else "1234.56")
    assert written.replace("\u202f", " ") == example
