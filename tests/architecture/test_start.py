"""What every process imports before it has anything to do: six of them run, and each holds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Of models, forms of answers and statistics: whoever comes to need them imports them then.
HEAVY = (
    "journal.admin",
    "numpy",
    "scipy",
    "pandas",
    "plotly",
    "pydantic",
    "requests",
    "markdown",
    "ccxt",
)


def test_a_process_that_has_nothing_to_do_yet_has_imported_little():
    told = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; import django; django.setup(); "
        f"print([one for one in {HEAVY} if one in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
