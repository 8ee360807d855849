"""`check`: what it says to right, likely, odd and missing answers; it never raises."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lif_notebook as nb

HINTS = [(200.0, "this is in pA."), (0.4, "you forgot R."), (200.0, "never reached.")]


def said(capsys, answer, expected=0.2, **options):
    nb.check(
        "7", answer, expected, **{"hints": HINTS, "insight": "Well seen.", **options}
    )
    return capsys.readouterr().out


@pytest.mark.parametrize("answer", [..., [1, ...], {"a": ...}, (..., 2), lambda: ...])
def test_untouched(capsys, answer):
    assert said(capsys, answer).startswith("○ Exercise 7: not answered yet.")


@pytest.mark.parametrize(
    "answer", [0.2, 0.2005, np.float64(0.2), np.array(0.2), lambda: 0.2, "0.2"]
)
def test_right(capsys, answer):
    assert said(capsys, answer) == "✓ Exercise 7: right. Well seen.\n"


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (200, 0.2, "this is in pA."),
        (0.4, 0.2, "you forgot R."),
        (-0.2, 0.2, "the size is right, the sign is not."),
        (0.0002, 0.2, "off by a factor of 1000. Check the units"),
        (3000.0, 3, "off by a factor of 1000. Check the units"),
        (0.25, 0.2, "not yet: 0.25 is not it."),
        (1e-5, 0, "not yet: 1e-05 is not it."),
        (math.nan, 0.2, "the answer is a number."),
        (math.inf, 0.2, "not yet"),
        ([1, 2], 0.2, "the answer has shape (), yours (2,)."),
        ("higher", 0.2, "the answer is a number."),
        (3, "higher", "the answer is a text."),
        ("lower", "higher", "not yet."),
        ([1.0, 2.5], [1, 2], "not yet: the values differ."),
        ({"R": "up", "C": "down"}, {"R": "up", "C": "up"}, "not yet. Look again at C."),
        ({"R": "up"}, {"R": "up", "C": "up"}, "not yet. Look again at C."),
        (
            {"R": "up", "C": "up", "L": "up"},
            {"R": "up", "C": "up"},
            "not yet. Look again at the keys.",
        ),
        ([1000, 2000], [1, 2], "off by a factor of 1000."),
        ([-1, -2], [1, 2], "the size is right, the sign is not."),
        ([1, 2, 3], [1, 2], "the answer has shape (2,), yours (3,)."),
        ([1, math.nan], [1, 2], "the answer is an array of numbers."),
        (3, {"R": "up"}, "the answer is a dictionary"),
        (None, 0.2, "the answer is a number."),
        (
            lambda: 1 / 0,
            0.2,
            "your code stops with ZeroDivisionError: division by zero",
        ),
        (lambda x: x, 0.2, "your code stops with TypeError"),
    ],
)
def test_wrong(capsys, answer, expected, words):
    text = said(capsys, answer, expected)
    assert text.startswith(f"✗ Exercise 7: {words}")
    assert "right." not in text


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Higher ", "higher"),
        ([1, 2.001], [1, 2]),
        ({"a": 1, "b": "x"}, {"b": "X", "a": 1}),
        (0, 0),
        (1e-15, 0),
    ],
)
def test_texts_arrays_and_dictionaries_can_be_right(capsys, answer, expected):
    assert said(capsys, answer, expected).startswith("✓")


@pytest.mark.parametrize("answer", [math.nan, [1, math.nan], {"a": math.nan}])
def test_a_nan_is_never_right(capsys, answer):
    assert said(capsys, answer, expected=answer, hints=()).startswith("✗")


def test_the_tolerance_is_the_exercises(capsys):
    assert said(capsys, 0.203, rtol=0.02).startswith("✓")
    assert said(capsys, 0.203).startswith("✗")


class Awkward:
    def __eq__(self, other):
        raise RuntimeError("do not compare me")

    __hash__ = None

    def __repr__(self):
        return "awkward"


odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(),
    st.binary(),
    st.lists(st.one_of(st.floats(), st.text(), st.lists(st.integers()))),
    st.dictionaries(st.text(), st.floats()),
    st.sampled_from(
        [
            Awkward(),
            object(),
            np.array([1, None], object),
            [[1], [1, 2]],
            10**400,
            print,
            int,
            {1, 2},
            slice(1),
        ]
    ),
)


@given(odd, st.sampled_from([0.2, np.array([1.0, 2.0]), "up", {"a": 1.0, "b": "up"}]))
def test_it_never_raises(answer, expected):
    nb.check("1", answer, expected, hints=[(0.3, "no"), ("up", "no"), ([1], "no")])
