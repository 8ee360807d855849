"""The glossary: every word that a notebook explains, and where it first stands."""

import re

import pytest
from claims import Claims

from notebooks import PATHS, ROOT

NUMBERS = [path.name[:2] for path in PATHS]


def glossary():
    """The terms and the number of the notebook where each first stands."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return re.findall(r"^- \*\*(.+?)\*\*.*\((\d\d)\)$", text, flags=re.MULTILINE)


def test_the_glossary_is_in_order_and_names_a_word_once():
    terms = [term.lower() for term, _ in glossary()]
    assert terms == sorted(set(terms))


def places():
    """Each single term, also of an entry for two, and the number of its notebook."""
    return [(term, place) for entry, place in glossary() for term in entry.split(", ")]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_word_stands_in_the_notebook_that_the_glossary_names(number):
    text = "\n".join(cell.source for cell in Claims(number).cells.values()).lower()
    terms = [term for term, place in places() if place == number]
    assert [term for term in terms if term.lower() not in text] == []


@pytest.mark.parametrize("number", NUMBERS)
def test_every_word_that_is_explained_is_in_the_glossary(number):
    terms = {term for term, place in places() if place <= number}
    words = {word for word in Claims(number).explained() if len(word.split()) <= 3}
    assert {word for word in words if not {word, word.removesuffix("s")} & terms} == (
        set()
    )
