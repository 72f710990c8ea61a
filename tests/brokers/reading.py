"""Short ways to parse something and look at what came out."""

from __future__ import annotations

import io
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from journal.brokers.base import ParseOptions, ProblemRow, Record
from journal.brokers.registry import get_parser

SAMPLES = Path(__file__).parent
CORPUS = Path(os.environ.get("FILLBOOK_CORPUS", Path(__file__).parents[2] / "../shared/data"))


def settings_of(path: Path) -> dict[str, object]:
    """What a sample needs to be told: tables that no reader knows have their mapping beside the samples."""
    beside = path.parent.parent / "mappings" / f"{path.stem}.json"
    return {"mapping": json.loads(beside.read_text())} if beside.is_file() else {}


def parse(data: bytes | str | Path, slug: str = "ibkr_flex", **options: object) -> list[Record]:
    if isinstance(data, Path):
        options = settings_of(data) | options
        data = data.read_bytes()
    if isinstance(data, str):
        data = data.encode()
    return list(get_parser(slug).parse(io.BytesIO(data), ParseOptions(**options)))


def of(kind: type, records: list[Record]) -> list:
    return [record for record in records if type(record) is kind]


def problem_codes(records: list[Record]) -> Counter[str]:
    return Counter(problem.code for problem in of(ProblemRow, records))


def corpus_folder(name: str) -> Path:
    folder = CORPUS / name
    if not folder.is_dir():
        pytest.skip(f"the third-party files are not here: set FILLBOOK_CORPUS (looked in {CORPUS})")
    return folder
