"""The rules of the house, checked: a rule that no machine checks is a wish."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("config", "common", "accounts", "journal", "reconciliation", "learning")
FILE_LINES_MAX = 450
FUNCTION_LINES_MAX = 60
TEMPLATE_LINES_MAX = 200
# Plain words that would be read as a secret or as somebody's machine.
FORBIDDEN = re.compile(r"/root/|/home/\w+/|TODO|FIXME|XXX\b|\bHACK\b|lorem ipsum", re.IGNORECASE)


def sources() -> list[Path]:
    return sorted(
        path
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
    )


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_imports_keep_the_contracts():
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_no_file_is_longer_than_the_limit():
    long = {
        name(path): lines
        for path in sources()
        if (lines := path.read_text().count("\n")) > FILE_LINES_MAX
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen():
    long = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                length = node.end_lineno - node.lineno + 1
                if length > FUNCTION_LINES_MAX:
                    long[f"{name(path)}:{node.name}"] = length
    assert long == {}


def test_no_template_is_longer_than_the_limit():
    files = (ROOT / "templates").rglob("*.html")
    long = {
        name(path): n for path in files if (n := path.read_text().count("\n")) > TEMPLATE_LINES_MAX
    }
    assert long == {}


def test_common_holds_no_tables():
    assert list(apps.get_app_config("common").get_models()) == []


def settings_read_from_the_environment() -> set[str]:
    source = (ROOT / "config" / "settings.py").read_text()
    return set(re.findall(r"(?:env\.\w+|read_or_make)\(\s*\"([A-Z][A-Z_]+)\"", source))


@pytest.mark.parametrize("option", sorted(settings_read_from_the_environment()))
def test_option_is_documented(option):
    assert f"`{option}`" in (ROOT / "docs" / "settings.md").read_text()


def test_documented_options_exist():
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    documented = {option for row in rows for option in re.findall(r"`([A-Z][A-Z_]+)`", row)}
    assert documented == settings_read_from_the_environment()


def test_templates_have_no_inline_scripts_or_handlers():
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|\son[a-z]+=\"|javascript:",
        re.IGNORECASE,
    )
    found = {name(p) for p in (ROOT / "templates").rglob("*.html") if inline.search(p.read_text())}
    assert found == set()


def test_source_holds_no_leftover_notes_or_paths_of_a_machine():
    found = {
        name(path): match.group()
        for path in sources()
        if (match := FORBIDDEN.search(path.read_text()))
    }
    assert found == {}


def test_manage_py_parses_on_an_old_python():
    ast.parse((ROOT / "manage.py").read_text(), feature_version=(3, 7))


def test_pinned_requirements_have_hashes_and_name_no_host():
    for file in ("requirements.txt", "requirements-ibkr.txt", "requirements-dev.txt"):
        text = (ROOT / file).read_text()
        assert "://" not in text
        pins = re.findall(r"^[a-zA-Z0-9._-]+(?:\[.*\])?==.*$", text, re.MULTILINE)
        assert pins
        assert all(pin.rstrip().endswith("\\") for pin in pins)
