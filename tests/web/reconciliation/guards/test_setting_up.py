"""Guards are chosen, filled in, simulated and armed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from reconciliation.domain.guards.machine import State
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.forms.guards import FORMS
from reconciliation.models import Guard, GuardKind
from reconciliation.services.guards.presetting import version_of_preset
from tests.web.reconciliation import rows
from tests.web.reconciliation.guards.making import D, filled, make
from tests.web.reconciliation.test_board import page, words

pytestmark = pytest.mark.django_db


def test_a_newcomer_is_led_to_the_first_guard(alice):
    text = words(page(alice, "/guards"))
    assert "Nothing guards your accounts" in text
    gallery = words(page(alice, "/guards/new"))
    for preset in PRESETS.values():
        assert preset.name in gallery
        assert preset.words in gallery
    assert "as of 01 Nov 2026" in gallery


@pytest.mark.parametrize("slug", PRESETS)
def test_a_preset_is_armed_as_it_is(alice, book, slug):
    text = page(alice, f"/guards/new/limit?preset={slug}")
    form = FORMS["limit"](
        begin=version_of_preset(PRESETS[slug]), initial={"name": "x"}, accounts=None
    )
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    body = {name: str(value) for name, value in values.items() if value not in (None, "", False)}
    answer = alice.post(
        f"/guards/new/limit?preset={slug}", {**body, "account": str(book.pk), "do": "save"}
    )
    assert answer.status_code == 303
    guard = Guard.objects.get()
    assert (guard.preset, guard.state) == (slug, State.ARMED)
    limit = guard.version.values["limit"]
    assert D(limit["amount"]) == PRESETS[slug].limit.amount
    assert limit["reference"] == PRESETS[slug].limit.reference
    assert PRESETS[slug].zone in text


@pytest.mark.parametrize("kind", list(GuardKind.values))
def test_every_kind_is_set_up_and_every_field_explained(alice, book, kind):
    text = page(alice, f"/guards/new/{kind}")
    fields = re.findall(
        r'<div class="field(.*?)(?=<div class="field[ "]|</section>)', text, re.DOTALL
    )
    assert len(fields) >= 6
    guard = make(alice, book, kind)
    assert guard.state == State.ARMED
    assert "Mine" in words(page(alice, "/guards"))
    assert "Set to" in words(page(alice, f"/guards/{guard.pk}"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("amount", "-1"), ("amount", "101"), ("amount", "NaN"), ("tiers", "90, 40"), ("tiers", "x"), ("tiers", "120"),
     ("zone", "Mars/Olympus"), ("measured", "luck"), ("hard", "0.5"), ("resets_at", "25:00"), ("account", "999999")],
)  # fmt: skip
def test_what_makes_no_guard_is_told_where(alice, book, name, value):
    answer = alice.post(
        "/guards/new/limit", {**filled(account=str(book.pk)), name: value, "do": "save"}
    )
    assert answer.status_code == 422
    assert "field--error" in answer.content.decode()
    assert not Guard.objects.exists()


def past(book, days: int = 40) -> None:
    now = timezone.now()
    for day in range(days):
        worth = D(100_000) if day != days // 2 else D(80_000)
        at = now - timedelta(days=days - day)
        for minutes in (0, 5):
            moment = at + timedelta(minutes=minutes)
            on = rows.snapshot(book, moment, equity=worth, balance=worth)
            rows.worth(book, moment, equity=worth, balance=worth, snapshot=on)


def test_a_guard_is_simulated_before_it_is_armed(alice, book):
    past(book)
    answer = alice.post("/guards/new/limit", {**filled(account=str(book.pk)), "do": "simulate"})
    text = words(answer.content.decode())
    assert answer.status_code == 200
    assert "it would have fired once" in text
    assert "nothing is saved yet" in text
    assert not Guard.objects.exists()


def test_too_little_of_the_past_is_said(alice, book):
    answer = alice.post("/guards/new/limit", {**filled(account=str(book.pk)), "do": "simulate"})
    assert "What it would have done" in words(answer.content.decode())
    assert "would have fired" not in words(answer.content.decode())


def test_there_is_no_kind_of_any_name(alice):
    assert alice.get("/guards/new/luck").status_code == 404
