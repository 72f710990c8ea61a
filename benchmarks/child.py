"""Run a benchmark with Django ready: `python -m benchmarks.child pages …` is `benchmarks.pages …`."""

from __future__ import annotations

import runpy
import sys

import django

if __name__ == "__main__":
    django.setup()
    _, name, *arguments = sys.argv
    sys.argv = [name, *arguments]
    runpy.run_module(f"benchmarks.{name}", run_name="__main__")
