"""What the views of the learner have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from accounts.scopes import Scope
from common.errors import Forbidden
from journal.api.views import JournalMixin


class LearningMixin(JournalMixin):
    """A token that is bound to one account sees what is of that account alone, and nothing of all of them together."""

    read_scope = Scope.LEARNING_READ
    write_scope: ClassVar[Scope | tuple[Scope, ...]] = Scope.LEARNING_WRITE


@extend_schema_field({"type": "object", "additionalProperties": True})
class AnyField(serializers.JSONField):
    """An object whose names depend on what was learnt."""


def require_whole(account_id: int | None) -> None:
    """What is learnt of the whole workspace is not told to a token that may see one account alone. Raises Forbidden."""
    if account_id is not None:
        raise Forbidden(
            "token_bound_to_account",
            "This token is limited to one account; this is learnt from the whole workspace.",
        )


class OfAll(LearningMixin):
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_whole(self.bound_account_id)
