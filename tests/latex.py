"""The formulas of a notebook, read from its text and computed.

A formula's symbols are named as they are read aloud: tau_m, V_inf, c_out, dVdt, and
V_next for V with the index k+1.
"""

import itertools
import math
import re

NAMES = {
    r"\frac{dV}{dt}": "dVdt",
    r"\infty": "inf",
    r"\tau": "tau",
    r"\ln": "log",
    r"\,": " ",
    r"\;": " ",
    "(t)": "",
    "_{k+1}": "_next",
    "·": " ",
}
KNOWN = {"log": math.log, "exp": math.exp, "e": math.e}


def sides(latex):
    """What stands on both sides of an equation's sign."""
    text = _without(r"\boxed", latex).replace(r"\approx", "=")
    depth = 0
    for place, sign in enumerate(text):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if sign == "=" and depth == 0:
            return text[:place], text[place + 1 :]
    raise ValueError(f"{latex!r} is no equation")


def compute(latex, **symbols):
    """The value of a formula without an equation's sign."""
    text = _without(r"\underbrace", latex)
    text = re.sub(r"_\\text\{(\w+)\}|_\{(\w+)\}", r"_\1\2", text)
    for written, name in NAMES.items():
        text = text.replace(written, name)
    text = _fractions(re.sub(r"e\^\{([^{}]*)\}", r"exp(\1)", text))
    parts = re.findall(r"[A-Za-z]\w*|\d+\.?\d*|\S", text)
    product = parts[:1]
    for before, part in itertools.pairwise(parts):
        ends = before == ")" or (before.isalnum() or "_" in before)
        begins = part == "(" or part[0].isalnum()
        if ends and begins and before not in ("log", "exp"):
            product.append("*")
        product.append(part)
    return eval("".join(product), KNOWN | symbols)


def _group(text):
    """What stands in the braces at the start of a text, and what follows them."""
    depth = 0
    for place, sign in enumerate(text):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth == 0:
            return text[1:place], text[place + 1 :]
    raise ValueError(f"a brace is open in {text!r}")


def _without(command, text):
    """The text with \\command{x}, or \\command{x}_{y}, replaced by x."""
    while command in text:
        start = text.index(command)
        inner, rest = _group(text[start + len(command) :])
        if command == r"\underbrace":
            _, rest = _group(rest.removeprefix("_"))
        text = f"{text[:start]} {inner} {rest}"
    return text


def _fractions(text):
    while r"\frac" in text:
        start = text.index(r"\frac")
        above, rest = _group(text[start + len(r"\frac") :])
        below, rest = _group(rest)
        text = f"{text[:start]}(({above})/({below})){rest}"
    return text
