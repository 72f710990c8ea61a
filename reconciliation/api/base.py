"""What the views of reconciliation and guards have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from accounts.scopes import Scope
from journal.api.views import JournalMixin
from journal.services.reasons import REASON_LENGTH_MAX


class ReconciliationMixin(JournalMixin):
    """A token that is bound to one account sees what is of that account alone, and nothing of all of them together."""

    read_scope = Scope.RECONCILIATION_READ
    write_scope: ClassVar[Scope | tuple[Scope, ...]] = Scope.RECONCILIATION_WRITE

    @property
    def now(self) -> datetime:
        return timezone.now()  # noqa: TID251 - an edge: it asks for what is so at this moment


class FoundFirst(ReconciliationMixin):
    """Whose it is comes before what is wrong with the request."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.found = self.find()

    def find(self) -> Any:
        """Of the open workspace, and of the token's account. Raises Http404."""
        row = self.bound(self.candidates()).filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404
        return row

    def candidates(self) -> Any:
        raise NotImplementedError


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=REASON_LENGTH_MAX, help_text="Why: whoever looks later has nothing else."
    )
