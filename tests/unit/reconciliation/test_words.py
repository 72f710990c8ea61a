"""Every kind of difference is explained to a person."""

import re
from pathlib import Path

import pytest

from reconciliation.domain.classes import DivergenceClass
from reconciliation.domain.words import FIELDS, WORDS, field_name

ROOT = Path(__file__).resolve().parents[3]


def test_every_class_has_its_words_and_there_are_no_others():
    assert set(WORDS) == set(DivergenceClass)
    assert len(WORDS) == 29


@pytest.mark.parametrize("kind", DivergenceClass)
def test_words_are_whole_sentences_without_internals(kind):
    words = WORDS[kind]
    assert words.name[0].isupper()
    assert not words.name.endswith(".")
    for text in (words.says, words.do):
        assert text[0].isupper()
        assert text.endswith(".")
        assert "!" not in text
        assert "_" not in text


def test_no_two_classes_say_the_same():
    for part in range(3):
        assert len({words[part] for words in WORDS.values()}) == len(WORDS)


def test_every_figure_that_a_comparison_states_has_a_name():
    stated = set()
    for path in (ROOT / "reconciliation" / "domain").glob("*.py"):
        for call in re.findall(r"figures\((.*?)\)", path.read_text(), re.DOTALL):
            stated |= set(re.findall(r"\b([a-z_]+)=", call))
    assert {"quantity", "cash", "word"} <= stated
    assert stated - set(FIELDS) == set()


def test_a_figure_without_a_name_is_still_readable():
    assert field_name("swap_rate") == "Swap rate"
