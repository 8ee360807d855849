"""Exercises: `check` says what is right, likely or missing in an answer."""

import math
import traceback
from dataclasses import replace

import numpy as np

from lif_helpers import Neuron, generator, simulate


def check(name, answer, expected, *, rtol=0.01, hints=(), insight=""):
    """Print whether the answer to an exercise is the expected one; never raises.

    Answers are numbers, arrays, texts or dictionaries of these, or a function without
    arguments that returns one, compared within `rtol`. `hints` are pairs of a wrong
    answer and what to say to it; `insight` is for the right one.
    """
    try:
        with np.errstate(all="ignore"):
            print(
                _verdict(
                    name,
                    answer() if callable(answer) else answer,
                    expected,
                    rtol,
                    hints,
                    insight,
                )
            )
    except Exception as error:
        print(
            f"✗ Exercise {name}: your code stops with {traceback.format_exception_only(error)[-1].strip()}"
        )


def _verdict(name, answer, expected, rtol, hints, insight):
    if _unanswered(answer):
        return f"○ Exercise {name}: not answered yet. Put your answer in the place of ... and run both cells."
    if _agree(answer, expected, rtol):
        return f"✓ Exercise {name}: right. {insight}".rstrip()
    said = (message for wrong, message in hints if _agree(answer, wrong, rtol))
    return f"✗ Exercise {name}: {next(said, None) or _general_hint(answer, expected, rtol)}"


def _unanswered(answer):
    parts = answer.values() if isinstance(answer, dict) else answer
    return answer is ... or (
        isinstance(answer, (dict, list, tuple)) and any(map(_unanswered, parts))
    )


def _agree(answer, expected, rtol):
    if isinstance(expected, dict):
        same = isinstance(answer, dict) and answer.keys() == expected.keys()
        return same and all(
            _agree(answer[key], expected[key], rtol) for key in expected
        )
    if isinstance(expected, str):
        return isinstance(answer, str) and answer.strip().lower() == expected.lower()
    answer = _numbers(answer)
    return np.shape(answer) == np.shape(expected) and np.allclose(
        answer, expected, rtol=rtol, atol=1e-12
    )


def _numbers(answer):
    """The answer as an array, NaN if it is not made of real numbers."""
    try:
        array = np.asarray(answer)
        return np.array(math.nan) if array.dtype.kind in "bc" else array.astype(float)
    except Exception:  # whatever a student's object does
        return np.array(math.nan)


def _general_hint(answer, expected, rtol):
    """What to say to a wrong answer that no hint foresaw."""
    if isinstance(expected, dict):
        if not isinstance(answer, dict):
            return f"the answer is a dictionary with the keys {', '.join(map(str, expected))}."
        wrong = [
            key for key in expected if not _agree(answer.get(key), expected[key], rtol)
        ]
        return f"not yet. Look again at {', '.join(map(str, wrong)) or 'the keys'}."
    if isinstance(expected, str):
        return "not yet." if isinstance(answer, str) else "the answer is a text."
    number = _numbers(answer)
    if np.isnan(number).any():
        return (
            "the answer is a number."
            if np.ndim(expected) == 0
            else "the answer is an array of numbers."
        )
    if number.shape != np.shape(expected):
        return f"the answer has shape {np.shape(expected)}, yours {number.shape}."
    for factor in (1000, 0.001):
        if _agree(number * factor, expected, rtol):
            return (
                "off by a factor of 1000. Check the units: ms or s, nA or pA, µS or nS."
            )
    if _agree(-number, expected, rtol):
        return "the size is right, the sign is not."
    return (
        f"not yet: {number:.6g} is not it."
        if number.ndim == 0
        else "not yet: the values differ."
    )


class MysteryNeuron:
    """A neuron of unknown parameters; all that one can do is inject currents and
    record, and in the end `reveal` it.
    """

    def __init__(self, seed):
        rng = generator(seed)
        E_L = rng.uniform(-76, -64)
        potentials = {
            "E_L": E_L,
            "V_th": E_L + rng.uniform(12, 24),
            "V_reset": E_L - rng.uniform(3, 9),
        }
        hidden = Neuron(
            rng.uniform(10, 40),
            rng.uniform(50, 200),
            **potentials,
            t_ref=rng.uniform(2, 6),
        )
        self.record = lambda t, I=0.0: replace(simulate(hidden, t, I), neuron=self)
        self.reveal = lambda: hidden


def mystery_neuron(seed):
    """A MysteryNeuron: the same one for the same whole number."""
    return MysteryNeuron(seed)
