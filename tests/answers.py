"""The answers of the course, for tests of what is handed out to a class: solutions,
mistakes, and what of them can be read in a notebook.
"""

import ast
import functools
import json
import re

import numpy as np

import lif_helpers as lif
from notebooks import read, solutions


def sources(notebook):
    return {cell.id: cell.source for cell in notebook.cells}


def checked(path):
    """The names of the exercises that have a check, and the challenge."""
    return [
        name.removesuffix("-check")
        for name in sources(read(path))
        if re.fullmatch(r"(exercise-\d+|challenge)-check", name)
    ]


def mistakes(check):
    """Each mistake that a check foresees, as code for the answer, and its words."""
    (call,) = [
        node
        for node in ast.walk(ast.parse(check))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "nb.check"
    ]
    hints = next(option.value for option in call.keywords if option.arg == "hints")
    for wrong, words in zip(hints.keys, hints.values, strict=True):
        if not isinstance(words, ast.Dict):
            yield ast.unparse(wrong), ast.literal_eval(words)
            continue
        for entry, more in zip(words.keys, words.values, strict=True):
            key = ast.unparse(wrong)
            answer = f"{ast.unparse(call.args[2])} | {{{key}: {ast.unparse(entry)}}}"
            yield answer, ast.literal_eval(more).removesuffix(".")


# ---- What can be read ----------------------------------------------------------------


def lines(source):
    return [line.strip() for line in source.splitlines() if line.strip()]


class Told:
    """A text in which secrets are looked for."""

    def __init__(self, text):
        encoded = r"^[A-Za-z0-9+/]{20,}=*$"  # a few digits in a row are chance there
        self._text = re.sub(encoded, "", text, flags=re.MULTILINE)
        self._squeezed = squeezed(self._text)

    def has(self, secret):
        """Whether it can be read: a number as a whole, words however they are set."""
        if re.fullmatch(r"[-\d.e]+", secret):
            number = rf"(?<![\w.]){re.escape(secret)}(?![\w]|\.\d)"
            return re.search(number, self._text.replace("−", "-")) is not None
        return squeezed(secret) in self._squeezed


def squeezed(text):
    """A text in small letters, without spaces, quotation marks and line ends."""
    return re.sub(r"[\s\"'\\]+", "", text.lower())


def lesson(notebook):
    """What the lesson itself says: all but the cells that only answers stand in."""
    return "\n".join(
        cell.source
        for cell in notebook.cells
        if not re.fullmatch(r"(exercise-\d+|challenge)-(check|solution)", cell.id)
        and "nb.order_lines(" not in cell.source
    )


@functools.cache
def secrets(path):
    """What a student must not read, each with where it stands: what checks say and
    expect, and solutions. What the lesson says too is no secret.
    """
    notebook, found = read(path), {}
    for cell_id, source in sources(notebook).items():
        name, _, part = cell_id.rpartition("-")
        if part == "check" or "nb.order_lines(" in source:
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    if len(node.value.split()) >= 3:
                        found[node.value] = name
                elif isinstance(node, ast.Constant | ast.UnaryOp | ast.BinOp):
                    found |= dict.fromkeys(number_texts(node), name)
    for name, code in solutions(notebook).items():
        found[code] = name
        for line in lines(code):
            if line not in sources(notebook)[f"{name}-answer"] and len(line) > 12:
                found[line] = name
    told = Told(lesson(notebook))
    return {secret: name for secret, name in found.items() if not told.has(secret)}


def number_texts(node):
    """A number of a check as one might write it; of few digits it tells nothing."""
    try:
        number = eval(ast.unparse(node), {"np": np, "lif": lif})
        texts = {ast.unparse(node), f"{number:.4g}", f"{number:.3g}", repr(number)}
    except (NameError, ValueError, TypeError):
        return set()
    return {text for text in texts if len(re.sub(r"[^0-9]|^-?0\.0*", "", text)) >= 3}


def strings(part):
    """Every text in a notebook's file, wherever it stands."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        for each in part:
            yield from strings(each)
    elif isinstance(part, dict):
        for name, each in part.items():
            yield name
            yield from strings(each)


def leaks(path, version):
    """The secrets of a notebook that can be read in the text of a version's file."""
    told = Told("\n".join(strings(json.loads(version))))
    return {secret: name for secret, name in secrets(path).items() if told.has(secret)}
