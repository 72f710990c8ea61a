"""The same view answers a browser with a page and htmx with a part of it."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from common import htmx

pytestmark = pytest.mark.urls("tests.unit.common.stylesheet_urls")


@pytest.fixture
def ask():
    def send(**headers):
        request = RequestFactory().get("/", headers=headers)
        HtmxMiddleware(lambda _: HttpResponse())(request)
        return request

    return send


def test_a_fragment_is_for_htmx_only(ask):
    assert htmx.wants_fragment(ask(HX_Request="true"))
    assert not htmx.wants_fragment(ask())
    assert not htmx.wants_fragment(ask(HX_Request="true", HX_Boosted="true"))
    assert not htmx.wants_fragment(ask(HX_Request="true", HX_History_Restore_Request="true"))
    assert not htmx.wants_fragment(RequestFactory().get("/"))


def test_after_a_write_a_browser_is_sent_on_and_htmx_goes_itself(ask):
    plain = htmx.redirect(ask(), "/trades")
    assert (plain.status_code, plain["Location"]) == (303, "/trades")
    part = htmx.redirect(ask(HX_Request="true"), "/trades")
    assert (part.status_code, part["HX-Redirect"]) == (200, "/trades")


def test_a_toast_keeps_the_other_events():
    response = HttpResponse()
    response["HX-Trigger"] = json.dumps({"tags-changed": None})
    htmx.with_toast(response, "Saved")
    assert json.loads(response["HX-Trigger"]) == {
        "tags-changed": None,
        "toast": {"text": "Saved", "level": "success"},
    }


def test_polling_ends_with_286():
    assert htmx.stop_polling(HttpResponse()).status_code == 286


def test_an_answer_can_go_elsewhere():
    response = htmx.into(HttpResponse(), "#messages")
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#messages", "innerHTML")
