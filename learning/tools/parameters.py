"""What assistants are told of parameters: what scanners are told, with the evidence in words. They change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import ApiToken, Assistant
from journal.tools.answers import untrusted_data
from journal.tools.registry import Arguments, Call, Caller
from learning.api.base import require_whole
from learning.api.parameter_serializers import ParametersSerializer

_NO_GRADE = "none"
_NOT_YET = "No run of the learner has looked yet: these are the scanner's own settings."


class GetLearnedParameters(Arguments):
    pass


def get_learned_parameters(call: Call, wanted: GetLearnedParameters) -> dict[str, Any]:
    """As `GET /api/learning/parameters`, and kept like any answer of it. `grade` is the best of all parameters."""
    from learning.domain.words.parameters import DIFFERENCE  # noqa: PLC0415 - brings scipy
    from learning.services.asking import ask  # noqa: PLC0415 - as above

    require_whole(call.account_id)
    told = ask(call.workspace_id, *_asker(call.caller)).told
    evidence = told["evidence"]
    return {
        **ParametersSerializer(told).data,
        "leaks": untrusted_data(told["leaks"]) or [],
        "grade": min((one["grade"] for one in evidence.values()), default=_NO_GRADE),
        "parameters": [_in_words(name, one) for name, one in evidence.items()],
        "message": DIFFERENCE if evidence else _NOT_YET,
        "page": "/learning/parameters",
    }  # fmt: skip


def _in_words(name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    from learning.domain.words.parameters import evidence_words, name_of  # noqa: PLC0415 - brings scipy

    return {
        "name": name,
        "label": name_of(name),
        "grade": found["grade"],
        "words": evidence_words(found),
    }


def _asker(caller: Caller) -> tuple[str, str]:
    """As the API keeps them: "token:7", and how it is called."""
    kind, _, number = caller.who.partition(" ")
    models: dict[str, Any] = {"token": ApiToken, "assistant": Assistant}
    if kind not in models:
        return f"{kind}:{number}", str(caller.membership.user)
    names = models[kind].objects.filter(pk=number).values_list("name", flat=True)
    return f"{kind}:{number}", names.first() or ""
