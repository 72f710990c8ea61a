"""The record of one symbol, as `GET /api/learning/symbols/{symbol}` tells it."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from journal.tools.answers import untrusted
from journal.tools.registry import Arguments, Call
from learning.api.base import require_whole
from learning.api.parameter_serializers import RecordSerializer


class GetSymbolRecord(Arguments):
    symbol: str = Field(min_length=1, max_length=64, description="Symbol or underlying.")


def get_symbol_record(call: Call, wanted: GetSymbolRecord) -> dict[str, Any]:
    from learning.selectors.records import record_of  # noqa: PLC0415 - brings scipy

    require_whole(call.account_id)
    told = RecordSerializer(record_of(call.workspace_id, wanted.symbol)).data
    changes = [{**one, "reason": untrusted(one["reason"])} for one in told["changes"]]
    return {**told, "changes": changes, "page": f"/learning/symbols/{told['symbol']}"}
