"""What the admin pages of the journal have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    AdminBase = admin.ModelAdmin[Any]
    ModelFormBase = forms.ModelForm[Any]
else:
    AdminBase, ModelFormBase = admin.ModelAdmin, forms.ModelForm


class LookOnly(AdminBase):
    """Rows that no hand may touch: evidence is what somebody reported, the book follows from it."""

    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Reasoned(ModelFormBase):
    """A change that is written down with its reason."""

    reason = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with the change in the audit trail.",
    )


class ChangeOnly(AdminBase):
    """Rows that an import makes and a person may set right."""

    form = Reasoned

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
