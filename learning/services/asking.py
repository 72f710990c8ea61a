"""One answer to who asks for parameters: what is in force, kept with who was told."""

from __future__ import annotations

from typing import Any, NamedTuple

from learning.selectors.parameters import latest_run, told_of
from learning.services.running import read
from learning.services.versions import ensure_version, log_answer


class Answered(NamedTuple):
    told: dict[str, Any]
    tag: str


def ask(workspace_id: int, asker: str, name: str) -> Answered:
    """`asker` is "token:7" or "person:3", `name` how it is called. The tag changes whenever anything told does."""
    version = ensure_version(workspace_id)
    run = latest_run(workspace_id)
    told = told_of(workspace_id, version, run, None if run is None else read(run))
    log_answer(version, asker, name)
    waiting = told["waiting"]
    parts = (version.pk, told["policy"], told["run"], waiting and waiting["id"])
    return Answered(told, '"' + "-".join(str(one or 0) for one in parts) + '"')
