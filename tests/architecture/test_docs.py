"""What the documents say is true of the code."""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from journal.brokers.ccxt_json import remarks as ccxt_remarks
from journal.brokers.freqtrade import remarks as freqtrade_remarks
from journal.brokers.ibkr_activity import problems
from journal.brokers.ibkr_flex import notices, refusals
from journal.brokers.metatrader import remarks
from journal.brokers.tastytrade import notices as tastytrade_notices
from journal.brokers.tastytrade import refusals as tastytrade_refusals
from journal.brokers.text import remarks as sheet_remarks
from journal.domain import trouble
from journal.domain.values import LotMethod
from journal.services.recommendations import unapproved
from tests.unit.journal.scenarios import booked, codes, lots, matches, total_net

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
APPS = ("config", "journal", "accounts", "reconciliation", "learning")
# The first argument of these is the code that a person is told, the second of Problem.
CODE_ARGUMENT = {"UnreadableStatement": 0, "Missing": 0, "Problem": 1, "ProblemRow": 3}
CODE_ARGUMENT_OF_SERVICES = {
    "Rejected": 0,
    "Unavailable": 0,
    "StoredFileUnusable": 0,
    "_left_as_it_was": 1,
}
REFUSED_BY_SERVICES = tuple(
    f"services/{name}.py" for name in ("imports", "ingest", "stored_files", "withdrawal")
)


def literal(call: ast.Call, index: int) -> str | None:
    if len(call.args) > index and isinstance(call.args[index], ast.Constant):
        return str(call.args[index].value)
    return None


def codes_in_the_source() -> set[str]:
    found = set(trouble.SENTENCES) | set(notices.SENTENCES) | set(refusals.REMEDIES)
    found |= set(remarks.SENTENCES) | set(remarks.REMEDIES)
    found |= set(tastytrade_notices.SENTENCES) | set(tastytrade_refusals.REMEDIES)
    found |= set(ccxt_remarks.SENTENCES) | set(ccxt_remarks.REMEDIES)
    found |= set(freqtrade_remarks.SENTENCES)
    found |= set(problems.SENTENCES) | set(problems.REMEDIES)
    found |= set(sheet_remarks.SENTENCES) | set(sheet_remarks.LACKS) | set(sheet_remarks.REMEDIES)
    found.add(unapproved.CODE)
    for path in (ROOT / "journal").rglob("*.py"):
        refuses = str(path).endswith(REFUSED_BY_SERVICES)
        places = CODE_ARGUMENT | (CODE_ARGUMENT_OF_SERVICES if refuses else {})
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                index = places.get(node.func.id)
                if index is not None and (code := literal(node, index)):
                    found.add(code)
    return found | {"file_too_large"}


def codes_in_the_document() -> set[str]:
    text = (ROOT / "docs" / "import.md").read_text()
    return set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))


def test_every_problem_code_is_explained_and_none_that_does_not_exist():
    assert codes_in_the_document() == codes_in_the_source()


def examples() -> list[tuple[str, ...]]:
    """Rows of docs/domain.md: method, fills, matches, lots, net P&L, code of the problem."""
    text = (ROOT / "docs" / "domain.md").read_text()
    rows = re.findall(r"^\| (fifo|lifo|hifo|average) \|(.*)\|$", text, re.MULTILINE)
    return [(method, *(cell.strip(" `") for cell in rest.split("|"))) for method, rest in rows]


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example[0]} {example[1]}")
def test_worked_examples_book_as_written(example):
    method, fills, matched, left, net, problem = example
    booking = booked(fills, LotMethod(method))
    assert (matches(booking), lots(booking)) == (matched, left)
    assert total_net(booking) == Decimal(net)
    assert codes(booking) == ([problem] if problem else [])


def test_there_are_examples_of_every_method():
    assert {example[0] for example in examples()} == set(LotMethod) - {"broker"}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_files_named_in_documents_exist(path):
    text = path.read_text()
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    named = re.findall(r"`((?:journal|accounts|common|config|docs|deploy|tests)/[\w/.-]+)`", text)
    missing = [link for link in links if not (path.parent / link).exists()]
    missing += [name for name in named if not (ROOT / name).exists()]
    assert missing == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_named_in_documents_exist(path):
    known = get_commands()
    for name in set(re.findall(r"manage\.py ([a-z_]+)", path.read_text())):
        assert name in known, name


def test_every_command_of_ours_is_named_in_the_documents():
    text = "".join(path.read_text() for path in DOCS)
    ours = {name for name, app in get_commands().items() if app in APPS}
    assert {name for name in ours if f"manage.py {name}" not in text} == set()
    assert all(load_command_class(get_commands()[name], name).help for name in ours)


def test_no_decision_is_longer_than_a_page():
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert len(pages) >= 9
    assert [page.name for page in pages if page.read_text().count("\n") > 60] == []
