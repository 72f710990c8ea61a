"""Expected results of other people's engines, where the folder with them is at hand."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def expectations(name: str) -> dict:
    folder = Path(os.environ.get("FILLBOOK_CORPUS", ROOT / "../shared/data")) / "expected"
    if not (folder / name).exists():
        pytest.skip(f"The corpus of expected results ({name}) is not at hand: set FILLBOOK_CORPUS.")
    return json.loads((folder / name).read_text(), parse_float=Decimal, parse_int=Decimal)
