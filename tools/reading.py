"""How long a notebook takes: its words, exercises and live figures."""

import re


def words(text):
    """The words of a text, without code, formulas, tags and the addresses of links, and
    without the line that opens the notebook elsewhere.
    """
    text = re.sub(r"^Open this notebook in .+$", " ", text, flags=re.MULTILINE)
    text = re.sub(
        r"```.*?```|\$\$.*?\$\$|\$[^$]*\$|<[^>]+>|\]\([^)]*\)",
        " ",
        text,
        flags=re.DOTALL,
    )
    return re.findall(r"[^\W\d_][\w'’-]*", text)


def minutes(cell):
    """What a student needs for a cell: a minute for 130 words, 4 for each exercise and
    3 for each live figure.
    """
    if cell.cell_type == "code":
        return 3 if "nb.explore(" in cell.source else 0
    task = 4 if re.fullmatch(r"exercise-\d+", cell.id) else 0
    return len(words(cell.source)) / 130 + task
