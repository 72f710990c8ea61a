"""Guards as people set them up, and what is measured of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from reconciliation.forms.guard_values import usual
from reconciliation.forms.guards import FORMS
from reconciliation.models import Guard, GuardSample
from tests.web.reconciliation.test_board import words

D = Decimal


def filled(kind: str = "limit", **changes: Any) -> dict[str, Any]:
    """What the form sends when nothing in it was changed."""
    form = FORMS[kind](begin=usual(kind), initial={"name": "Mine"}, accounts=None)
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    values = {name: str(value) for name, value in values.items() if value not in (None, "", False)}
    return {**values, **{name: value for name, value in changes.items() if value != ""}}


def make(client, book, kind: str = "limit", **changes: Any) -> Guard:
    answer = client.post(
        f"/guards/new/{kind}", {**filled(kind, account=str(book.pk), **changes), "do": "save"}
    )
    assert answer.status_code == 303, words(answer.content.decode())
    return Guard.objects.select_related("version").latest("pk")


def sample(guard: Guard, used: str, **more: Any) -> GuardSample:
    values = {
        "value": D(95_000),
        "reference": D(100_000),
        "floor": D(90_000),
        "state": guard.state,
        "at": timezone.now(),
        **more,
    }
    return GuardSample.objects.create(
        workspace_id=guard.workspace_id,
        account_id=guard.account_id,
        guard=guard,
        used=D(used),
        **values,
    )
