"""One call of one tool, the same through every door.

A tool that writes needs the scope, a role that may, and a reason. It is done in one transaction, once for each
`client_request_id`, and kept in the audit trail; a refusal is kept too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pghistory
from django.db import transaction
from pydantic import ValidationError

from accounts.scopes import allowed_scopes
from common.errors import AppError
from common.words import is_text
from journal.selectors.data_quality import Quality, build_quality
from journal.services.idempotency import claim_request, fingerprint_of, keep_answer
from journal.services.tool_calls import Visitor, record_call
from journal.tools.answers import moment, untrusted
from journal.tools.problems import (
    ANSWER_MAX,
    AnswerTooLarge,
    ArgumentsInvalid,
    ScopeMissing,
    ViewerCannotWrite,
)
from journal.tools.registry import Arguments, Call, Caller, Tool, WriteArguments, find_tool

_KEY_MAX = 255


def call_tool(
    caller: Caller, name: str, arguments: Mapping[str, Any], *, now: datetime
) -> dict[str, Any]:
    """The answer: `result`, and how far it can be relied on. Within the scope of the caller's workspace.

    Raises AppError, most often one of `journal.tools.problems`.
    """
    tool = find_tool(name)
    call = Call(caller, now)
    try:
        _authorise(tool, caller)
        checked = _check(tool, arguments)
        answer = _read(tool, call, checked) if tool.is_read_only else _write(tool, call, checked)
    except AppError as error:
        if not tool.is_read_only or isinstance(error, ScopeMissing):
            _note(tool, caller, arguments.get("reason"), code=error.code)
        raise
    return answer


def _authorise(tool: Tool, caller: Caller) -> None:
    if tool.scope not in allowed_scopes(caller.membership.role_kind):
        raise ViewerCannotWrite
    if tool.scope not in caller.scopes:
        raise ScopeMissing(tool.name, tool.scope.value)


def _check(tool: Tool, arguments: Mapping[str, Any]) -> Arguments:
    if not is_text(arguments):
        raise ArgumentsInvalid(
            {"arguments": ["Some text in them has a NUL, or half of a surrogate pair."]}
        )
    try:
        return tool.arguments.model_validate(dict(arguments))
    except ValidationError as error:
        fields: dict[str, list[str]] = {}
        for one in error.errors(include_url=False, include_input=False, include_context=False):
            way = ".".join(str(part) for part in one["loc"]) or "arguments"
            fields.setdefault(way, []).append(_words(one["msg"], one["type"], tool))
        raise ArgumentsInvalid(fields) from None


def _words(message: str, kind: str, tool: Tool) -> str:
    if kind == "extra_forbidden":
        return (
            f"{tool.name} has no such argument. It has: {', '.join(tool.arguments.model_fields)}."
        )
    return f"{message}."


def _read(tool: Tool, call: Call, arguments: Arguments) -> dict[str, Any]:
    return _bounded(_answer(tool, call, tool.run(call, arguments)))


def _write(tool: Tool, call: Call, arguments: Arguments) -> dict[str, Any]:
    assert isinstance(arguments, WriteArguments)
    caller, reason = call.caller, arguments.reason
    said = {"tool": tool.name, "reason": reason, "caller": caller.who, "user": caller.user_id}
    with transaction.atomic(), pghistory.context(**said):
        claim = None
        if arguments.client_request_id:
            wanted = json.dumps(arguments.model_dump(mode="json"), sort_keys=True)
            claim = claim_request(
                caller.workspace_id,
                f"{caller.who} {arguments.client_request_id}"[:_KEY_MAX],
                method="TOOL",
                path=tool.name,
                fingerprint=fingerprint_of([tool.name.encode(), wanted.encode()]),
            )
            if claim.status is not None:
                return {**(claim.body or {}), "is_repeated": True}
        answer = _bounded(_answer(tool, call, tool.run(call, arguments)))
        _note(tool, caller, reason, trade_id=answer["result"].get("trade_id"))
        if claim is not None:
            keep_answer(claim, status=200, body=answer)
    return answer


def _note(
    tool: Tool, caller: Caller, reason: object, *, code: str = "", trade_id: int | None = None
) -> None:
    visitor = Visitor(caller.workspace_id, caller.user_id, caller.who, caller.door)
    record_call(visitor, tool.name, reason=str(reason or ""), code=code, trade_id=trade_id)


def _answer(tool: Tool, call: Call, result: dict[str, Any]) -> dict[str, Any]:
    accounts = result.pop("about_accounts", None)
    if call.account_id is not None:
        accounts = [call.account_id]
    quality = build_quality(call.workspace_id, accounts, now=call.now)
    return {
        "tool": tool.name,
        "as_of": moment(call.now),
        "workspace": untrusted(call.caller.membership.workspace.name),
        "data_quality": _quality(quality),
        "result": result,
    }


def _quality(quality: Quality) -> dict[str, Any]:
    accounts = [
        {
            "account": one.account.pk,
            "broker": one.account.broker,
            "number": one.account.broker_id,
            "last_fill_on": moment(one.last_fill_on),
            "statements_until": moment(one.stated_until),
            "connected_until": moment(one.connected_until),
            "has_gaps": one.has_gaps,
        }
        for one in quality.accounts[:20]
    ]
    return {
        "open_issues": {"errors": quality.errors, "warnings": quality.warnings},
        "accounts": accounts,
        "is_complete_until_known": bool(quality.accounts)
        and all(one.stated_until or one.connected_until for one in quality.accounts),
    }


def _bounded(answer: dict[str, Any]) -> dict[str, Any]:
    characters = len(json.dumps(answer, ensure_ascii=False))
    if characters > ANSWER_MAX:
        raise AnswerTooLarge(characters)
    return answer
