"""A person's word against the evidence: made here or on a trade's page, through the same service."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from common.choices import enum_choices
from journal.admin.base import AdminBase, Reasoned
from journal.domain.values import Side
from journal.models import Correction, CorrectionKind, Execution
from journal.selectors.cost_shares import get_spin_off
from journal.services.corrections import CORRECTABLE, correct_fill, withdraw_correction
from journal.services.cost_shares import state_cost_share


class CorrectionForm(Reasoned):
    """Empty figures are booked as they were reported."""

    execution_id = forms.IntegerField(
        label="Fill",
        help_text="The number of the execution, from its list here or its trade's page.",
    )
    price = forms.DecimalField(required=False)
    quantity = forms.DecimalField(required=False, min_value=0)
    fee = forms.DecimalField(required=False)
    tax = forms.DecimalField(required=False)
    side = forms.ChoiceField(choices=[("", "As reported"), *enum_choices(Side)], required=False)
    executed_at = forms.DateTimeField(required=False, help_text="In your own zone.")
    cost_share = forms.DecimalField(
        required=False,
        min_value=0,
        max_value=100,
        help_text="Only for the entry of a spin-off: the share of the cost that goes to the new shares, in %.",
    )

    class Meta:
        model = Correction
        fields = ("kind",)

    field_order = ("execution_id", "kind", *CORRECTABLE, "cost_share", "reason")

    def clean_execution_id(self) -> int:
        number: int = self.cleaned_data["execution_id"]
        if not Execution.objects.filter(pk=number).exists():
            raise forms.ValidationError("There is no fill of this number.", code="not_found")
        return number

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("kind") == CorrectionKind.COST_SHARE and cleaned.get("cost_share") is None:
            self.add_error("cost_share", "State the share, from 0 to 100.")
        return cleaned

    def save_correction(self, author_id: int) -> Correction:
        """Raises Rejected."""
        stated = self.cleaned_data
        execution = Execution.objects.get(pk=stated["execution_id"])
        if stated["kind"] == CorrectionKind.COST_SHARE:
            execution = get_spin_off(execution.pk).execution
            return state_cost_share(
                execution,
                percent=stated["cost_share"],
                reason=stated["reason"],
                author_id=author_id,
            )
        return correct_fill(
            execution,
            kind=stated["kind"],
            changes=self.changes if stated["kind"] == CorrectionKind.AMEND else {},
            reason=stated["reason"],
            author_id=author_id,
        )

    @property
    def changes(self) -> dict[str, Any]:
        values = {name: self.cleaned_data.get(name) for name in CORRECTABLE}
        return {name: value for name, value in values.items() if value not in (None, "")}


@admin.register(Correction)
class CorrectionAdmin(AdminBase):
    form = CorrectionForm
    list_display = (
        "id", "workspace", "account", "fill_key", "kind", "changes", "reason", "author",
        "created_at", "withdrawn_at",
    )  # fmt: skip
    list_select_related = ("workspace", "account", "author")
    list_filter = ("kind",)
    search_fields = ("=fill_key", "reason")
    actions = ("withdraw",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # What was corrected stays as it was written; another correction takes its place.
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return [field.name for field in Correction._meta.fields]
        return CorrectionForm.field_order

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        made = form.save_correction(request.user.pk)
        obj.__dict__.update(made.__dict__)

    @admin.action(description="Withdraw the selected corrections", permissions=["add"])
    def withdraw(self, request: HttpRequest, queryset: Any) -> None:
        for correction in queryset:
            withdraw_correction(correction)
        self.message_user(request, f"Withdrew {len(queryset)}. The fills are booked as reported.")
