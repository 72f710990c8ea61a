"""Names of markets in the database, compared as `journal.domain.names` does."""

from __future__ import annotations

from django.db.models import Func, TextField, Value
from django.db.models.functions import Upper

_NO_WORD = "[^[:alnum:]]"


def name_key_of(column: str) -> Func:
    return Func(
        Upper(column), Value(_NO_WORD), Value(""), Value("g"), function="regexp_replace", output_field=TextField()
    )  # fmt: skip


def name_key_sql(expression: str) -> str:
    return f"regexp_replace(upper({expression}), '{_NO_WORD}', '', 'g')"
