"""By how much figures may differ: the next version of a class, with its reason. What counted before stays."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User, Workspace
from common.choices import enum_choices
from journal.admin.base import AdminBase, Reasoned
from journal.domain.values import AssetClass
from reconciliation.domain.tolerances import Tolerance
from reconciliation.models import ToleranceVersion
from reconciliation.services.rules import FIELDS, set_tolerance

_USUAL = Tolerance()


def _number(usual: Any) -> forms.DecimalField:
    return forms.DecimalField(min_value=0, max_digits=30, decimal_places=12, initial=usual)


class ToleranceForm(Reasoned):
    """Begins at what is usual; the time is in seconds."""

    of_workspace = forms.ModelChoiceField(
        queryset=Workspace.objects.order_by("name", "id"), label="Workspace"
    )
    asset_class = forms.ChoiceField(choices=enum_choices(AssetClass))
    steps = _number(_USUAL.steps)
    ticks = _number(_USUAL.ticks)
    ratio = _number(_USUAL.ratio)
    average_ratio = _number(_USUAL.average_ratio)
    realized = _number(_USUAL.realized)
    realized_ratio = _number(_USUAL.realized_ratio)
    cash = _number(_USUAL.cash)
    fee = _number(_USUAL.fee)
    time = _number(int(_USUAL.time.total_seconds()))

    class Meta:
        model = ToleranceVersion
        fields = ("asset_class",)


@admin.register(ToleranceVersion)
class ToleranceAdmin(AdminBase):
    form = ToleranceForm
    list_display = (
        "id", "workspace", "asset_class", "number", "values", "actor", "reason", "created_at",
    )  # fmt: skip
    list_select_related = ("workspace",)
    list_filter = ("asset_class",)
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return [field.name for field in ToleranceVersion._meta.fields]
        return ("of_workspace", "asset_class", *FIELDS, "reason")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said = form.cleaned_data
        assert isinstance(request.user, User), "the admin lets nobody else in"
        made = set_tolerance(
            said["of_workspace"].pk,
            AssetClass(said["asset_class"]),
            {name: said[name] for name in FIELDS},
            author=request.user,
            reason=said["reason"],
        )
        obj.__dict__.update(made.__dict__)
