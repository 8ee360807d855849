"""The exercises of the notebooks: their cells, and what each check says to untouched,
right, rounded and mistaken answers, after the whole notebook has run.
"""

import ast
import random
import re
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace

import numpy as np
import pytest

import lif_helpers as lif
import lif_networks as net
import lif_notebook as nb
from notebooks import PATHS, exercises, read

NOTEBOOKS = {path: read(path) for path in PATHS}


@pytest.fixture
def ran(runs):
    """Each notebook's run, untouched, from its first cell to its last."""
    return runs


class Exercise:
    """One exercise of a notebook: the sources of its cells, and its check."""

    def __init__(self, path, number, code):
        cells = {cell.id: cell for cell in NOTEBOOKS[path].cells}
        self.path, self.number, self.code = path, number, code
        self.text, self.answer, self.check, self.solution = (
            cells[f"exercise-{number}{part}"].source
            for part in ("", "-answer", "-check", "-solution")
        )
        self.name = self.asked_for()

    def __repr__(self):
        return f"{self.path.stem[:2]}/{self.number}"

    def asked_for(self):
        """The name that the check asks for: `answer_3`, or a function's."""
        call = ast.parse(self.check).body[0].value
        return call.args[1].body.id

    def arguments(self, namespace):
        """What the check is called with: the expected answer, and the options."""
        noted = []
        page = SimpleNamespace(
            check=lambda *args, **options: noted.append((args, options))
        )
        exec(self.check, dict(namespace) | {"nb": page})
        ((_, _, expected), options) = noted[0]
        return expected, options

    def said(self, namespace, *before):
        """What the check says, after these lines of a student in that namespace."""
        namespace = dict(namespace)
        with redirect_stdout(StringIO()):
            for source in before:
                exec(source, namespace)
        return self.said_to(namespace)

    def said_to(self, namespace, **answers):
        with redirect_stdout(StringIO()) as printed:
            exec(self.check, namespace | answers)
        return printed.getvalue().removesuffix("\n")


def is_checked(path, name):
    """Lines that are put into order bring their own verdict, and have no check."""
    answer = next(cell for cell in NOTEBOOKS[path].cells if cell.id == name)
    return "nb.order_lines(" not in answer.source


ALL = [
    Exercise(path, int(name.split("-")[1]), code)
    for path in PATHS
    for name, code in exercises(NOTEBOOKS[path]).items()
    if is_checked(path, name)
]
each_exercise = pytest.mark.parametrize("exercise", ALL, ids=repr)
each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def find(name):
    return next(exercise for exercise in ALL if repr(exercise) == name)


def mistakes(expected, options):
    """(answer, words) of each foreseen mistake; the rest of a dictionary is right."""
    hints = options.get("hints", {})
    if not isinstance(expected, dict):
        return list(hints.items())
    return [
        (
            expected | {key: wrong},
            f"{key}: {words.removesuffix('.')}{'' if words.endswith('?') else '.'}",
        )
        for key, entries in hints.items()
        for wrong, words in entries.items()
    ]


# ---- The cells -----------------------------------------------------------------------


@each_exercise
def test_its_cells_stand_together(exercise):
    notebook, name = NOTEBOOKS[exercise.path], f"exercise-{exercise.number}"
    ids = [cell.id for cell in notebook.cells]
    at = ids.index(name)
    assert ids[at : at + 4] == [
        name,
        f"{name}-answer",
        f"{name}-check",
        f"{name}-solution",
    ]
    assert exercise.text.startswith(f"**Exercise {exercise.number}.** ")
    assert "..." in exercise.answer
    assert exercise.solution.startswith("<details><summary>Solution</summary>\n\n")
    assert exercise.solution.endswith("</details>")


@each_exercise
def test_its_check_is_folded_in_jupyterlab_and_in_colab(exercise):
    cells = {cell.id: cell for cell in NOTEBOOKS[exercise.path].cells}
    check = cells[f"exercise-{exercise.number}-check"]
    assert check.metadata.jupyter.source_hidden
    assert check.metadata.cellView == "form"
    title = f"# @title Check exercise {exercise.number}: run this cell after yours\n"
    assert check.source.startswith(title)


@each_exercise
def test_its_check_reads_its_answer_and_the_modules_and_nothing_else(exercise):
    tree = ast.parse(exercise.check)
    assert len(tree.body) == 1, "one call, which leaves no name behind"
    parameters = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names - parameters <= {"nb", "np", "lif", "net", "replace", exercise.name}
    assert ast.literal_eval(tree.body[0].value.args[0]) == str(exercise.number)


def bound(source):
    """The names that a cell binds outside of its functions."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        else:
            found |= {
                part.id
                for part in ast.walk(node)
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
    return found


@each_exercise
def test_its_answer_has_a_name_of_its_own(exercise):
    code = [cell for cell in NOTEBOOKS[exercise.path].cells if cell.cell_type == "code"]
    binding = [cell.id for cell in code if exercise.name in bound(cell.source)]
    assert binding == [f"exercise-{exercise.number}-answer"]
    assert exercise.name in bound(exercise.code)
    if "def " not in exercise.answer:
        assert exercise.name == f"answer_{exercise.number}"


# ---- Untouched, solved, in any order -------------------------------------------------


@each_exercise
def test_untouched(exercise, ran):
    result = ran(exercise.path)
    start = f"○ Exercise {exercise.number}: not answered yet. "
    assert result.printed[f"exercise-{exercise.number}-check"].startswith(start)
    assert exercise.said(result.namespace).startswith(start)


@each_exercise
def test_its_answer_cell_was_not_run(exercise, ran):
    text = exercise.said(ran(exercise.path).namespace, f"del {exercise.name}")
    assert text == (
        f"○ Exercise {exercise.number}: not answered yet. There is no "
        f"`{exercise.name}`: run the cell above, and keep the name."
    )


# What students call their own variables, and what notebooks use again and again.
TAKEN = dict.fromkeys(
    ["neuron", "t", "V", "I", "recording", "answer", "right", "hidden", "gain", "noise",
     "spikes", "figure", "ax", "axes", "times", "rate", "tau_m", "sigma_V", "mean", "d",
     "steps", "membrane", "latency", "theory", "currents", "trace", "stop", "f"],
    "mine",
)  # fmt: skip
TAUGHT = {"I", "tau_m"}  # 00 introduces these names, and its exercises are about them


@each_exercise
def test_its_solution_is_right_whatever_the_student_has_called_something(exercise, ran):
    namespace = ran(exercise.path).namespace | TAKEN
    if exercise.path.name.startswith("00"):
        taught = {name: ran(exercise.path).namespace[name] for name in TAUGHT}
        namespace = namespace | taught
    text = exercise.said(namespace, exercise.code)
    assert re.match(r"✓ Exercise \d+: right[.;] .{20,}", text)


@each_notebook
@pytest.mark.parametrize("seed", [1, 2])
def test_solutions_are_right_in_any_order_and_twice(path, ran, seed):
    namespace = dict(ran(path).namespace)
    order = 2 * [exercise for exercise in ALL if exercise.path == path]
    random.Random(seed).shuffle(order)
    for exercise in order:
        exec(exercise.code, namespace)
        assert exercise.said_to(namespace).startswith("✓"), exercise
    for exercise in order:
        assert exercise.said_to(namespace).startswith("✓"), exercise


@each_notebook
def test_progress_of_a_notebook(path, ran):
    result = ran(path)
    here = [exercise for exercise in ALL if exercise.path == path]
    count = len(exercises(NOTEBOOKS[path]))
    numbers = ", ".join(str(number) for number in range(1, count + 1))
    untouched = f"0 of {count} exercises solved. Untouched: {numbers}.\n"
    assert result.printed["progress"] == untouched
    namespace = dict(result.namespace)
    for exercise in here:
        exercise.said_to(namespace)
    for name in exercises(NOTEBOOKS[path]):
        if not is_checked(path, name):
            (lines,) = [cell for cell in NOTEBOOKS[path].cells if cell.id == name]
            exec(lines.source, namespace)
    for exercise in here[:2]:
        exercise.said(namespace, exercise.code)
    with redirect_stdout(StringIO()) as printed:
        nb.progress(count)
    solved = f"2 of {count} exercises solved. Solved: 1, 2. Untouched: 3"
    assert printed.getvalue().startswith(solved)


# ---- Right numbers -------------------------------------------------------------------

# Numbers that the course prints for an answer, as a student would copy them.
PRINTED = {
    "01/2": ["-70.5", "-71", "-70.52"],
    "01/3": ["28"],
    "01/8": ["20"],
    "01/9": ["1.37"],
    "02/1": ["0.1625"],
    "02/3": ["22", "22.0"],
    "02/4": ["54.9", "54.89", "55.00", "54.90", "54"],
    "03/1": ["68", "68.0"],
    "03/2": ["32.2", "32"],
    "03/4": ["7.5"],
    "03/7": ["3.2", "3.24"],
    "03/8": ["83.3", "83"],
    "05/1": ["0.12"],
    "05/3": ["0.15"],
    "05/5": ["0.74"],
    "05/6": ["1.06", "1.1"],
    "04/1": ['{"mean": 20, "std": 4.5}'],
    "04/2": ["4.2"],
    "04/6": ["2.8", "2.80"],
    "04/7": ["0.29"],
    "04/8": ["2.7"],
    "05/8": ["5.5"],
    "06/1": ['{"early": 1.54, "late": 2.50}'],
    "06/4": ["6"],
    "06/5": ['{"mean": -46, "sigma_V": 8.5}'],
    "06/7": ['{"one": 43.7, "all": 36.5}'],
    "06/8": ["490"],
    "07/1": ['{"C_m": 150.0, "I_e": 400.0}'],
    "07/2": ["375", "375.0"],
    "07/3": ["269.5"],
    "07/4": ["316", "316.23", "320"],
    "07/5": ['{"synapses": 10**9, "GB": 50}'],
    "07/6": ["12500"],
    "07/7": ['{"seconds": 12.0, "times": 21}'],
}


@pytest.mark.parametrize(
    ("name", "number"),
    [(name, number) for name, numbers in PRINTED.items() for number in numbers],
)
def test_what_the_course_prints_is_right(name, number, ran):
    exercise = find(name)
    text = exercise.said(ran(exercise.path).namespace, f"{exercise.name} = {number}")
    assert text.startswith("✓"), text


@each_exercise
def test_numbers_of_its_solution_are_right(exercise, ran):
    """The last number of the fold's text, where it ends in the answer."""
    expected, _ = exercise.arguments(ran(exercise.path).namespace)
    words = exercise.solution.split("```")[-1].replace("−", "-")
    close = [
        number
        for number in re.findall(r"-?\d+(?:\.\d+)?", words)
        if isinstance(expected, float | int)
        and abs(float(number) - expected) <= 0.02 * abs(expected)
    ]
    for number in close:
        source = f"{exercise.name} = {number}"
        text = exercise.said(ran(exercise.path).namespace, source)
        assert text.startswith("✓"), (number, text)


def rounded(expected, digits, within=None):
    """A right answer to so many digits, or nearly at the distance that is allowed."""
    if isinstance(expected, str):
        return expected
    if isinstance(expected, dict):
        distances = within or {}
        return {
            key: rounded(value, digits, distances.get(key))
            for key, value in expected.items()
        }
    return expected + 0.9 * within if within else float(f"{expected:.{digits}g}")


@each_exercise
def test_its_number_is_right_to_four_three_and_two_digits(exercise, ran):
    namespace = ran(exercise.path).namespace
    expected, options = exercise.arguments(namespace)
    if callable(expected):
        return
    for digits in (4, 3, 2):
        answer = rounded(expected, digits, options.get("within"))
        text = exercise.said_to(namespace, **{exercise.name: answer})
        assert text.startswith("✓"), (digits, text)


def test_the_numbers_in_the_checks_are_those_of_the_models(ran):
    """Checks hold numbers, so that they depend on no other cell."""
    namespaces = {path.stem[:2]: ran(path).namespace for path in PATHS}
    hidden = nb.mystery_neuron(seed=7).reveal()
    balanced = namespaces["05"]["bombarded"](lif.Neuron(), 51, 80)
    sigma_V = namespaces["05"]["spread"](lif.Neuron(), 51, 80)
    truth = {
        "01/3": namespaces["01"]["tau_unknown"],
        "02/4": lif.fi_curve(lif.Neuron(), 0.4),
        "05/5": (-50 - balanced.E_L) / sigma_V,
        "05/8": namespaces["05"]["window"](5),
    }
    expected, _ = find("06/7").arguments({"np": np, "lif": lif})
    more = namespaces["06"]["make"](8, 2.2)
    assert expected["one"] == pytest.approx(net.rate_out(more, 32.4), abs=0.005)
    assert expected["all"] == pytest.approx(net.self_consistent_rate(more).f, abs=0.005)
    for name, value in truth.items():
        expected, _ = find(name).arguments({"np": np, "lif": lif})
        assert expected == pytest.approx(value, rel=1e-4), name
    for name in ("02/7", "02/8"):
        expected, _ = find(name).arguments({"np": np, "lif": lif})
        for parameter, value in expected.items():
            assert value == pytest.approx(getattr(hidden, parameter), rel=1e-4)
    expected, options = find("04/6").arguments({"np": np, "lif": lif})
    assert lif.siegert_rate(lif.Neuron(), 0.15, expected) == pytest.approx(5, rel=1e-4)
    with_dt = next(value for value, said in options["hints"].items() if "dt" in said)
    rate = lif.siegert_rate(lif.Neuron(), 0.15, with_dt, dt=0.1)
    assert rate == pytest.approx(5, rel=1e-4)


# ---- Mistakes ------------------------------------------------------------------------


@each_exercise
def test_each_foreseen_mistake_gets_its_own_words(exercise, ran):
    namespace = ran(exercise.path).namespace
    expected, options = exercise.arguments(namespace)
    foreseen = mistakes(expected, options)
    assert len(foreseen) >= 2
    assert len({words for _, words in foreseen}) == len(foreseen)
    for answer, words in foreseen:
        text = exercise.said_to(namespace, **{exercise.name: answer})
        assert text.startswith("✗")
        assert text.endswith(words), text


@each_exercise
def test_no_two_mistakes_are_written_alike(exercise):
    """Of two equal keys of a dictionary the first would be lost without a word."""
    call = ast.parse(exercise.check).body[0].value
    for node in ast.walk(call):
        if isinstance(node, ast.Dict):
            keys = [ast.unparse(key) for key in node.keys]
            values = [
                eval(key, {"np": np, "lif": lif}) if "lambda" not in key else key
                for key in keys
            ]
            assert len(set(values)) == len(values)


@each_exercise
def test_mistakes_rounded_to_three_digits_get_their_words_too(exercise, ran):
    namespace = ran(exercise.path).namespace
    expected, options = exercise.arguments(namespace)
    if isinstance(expected, dict) or callable(expected):
        return
    for wrong, words in options["hints"].items():
        answer = float(f"{wrong:.3g}")
        text = exercise.said_to(namespace, **{exercise.name: answer})
        assert text.endswith(words), (answer, text)


FUNCTION_STARTS = {
    "01/5": "def euler_step(neuron, V, I, dt): return ",
    "02/2": "def interval(neuron, I): return ",
    "04/4": "def white_current(normal, dt, neuron, sigma_V): return ",
    "04/5": "def coefficient_of_variation(spike_times): return ",
    "05/7": "def slow_rate(neuron, currents): return ",
    "06/2": "def count_correlation(first, second, window): return ",
    "06/6": "def network_rate(network): return ",
    "03/3": "def threshold_current(neuron, d): return ",
    "03/6": "def measured_gain(neuron, nu): V, RI = swing(neuron, nu); return ",
}
LIKELY = [
    # Mistakes that readers made or foresaw, and a part of what is said to each.
    ("01/5", "lif.charging_curve(neuron, dt, I, V0=V)", "this is the exact step"),
    ("01/5", "V + dt * (-(V + 70) + 100 * I) / 20", "right at 1 of 2 inputs"),
    ("02/2", "2 + 20 * np.log((5 + 100 * I) / (100 * I - 20))", "right at 2 of 3"),
    ("02/2", "20 * np.log((5 + 100 * I) / (100 * I - 20))", "not yet"),
    ("02/4", "lif.fi_curve(lif.Neuron(), 0.3) / 0.3 * 0.4", "not in proportion"),
    ("02/4", "49.28", "not in proportion"),
    ("02/4", "50.00", "a count in 100 ms"),
    ("03/3", "50", "`high` never moved"),
    ("03/6", "V.max() / 0.05", "not of I"),
    ("03/6", "V.max() - V.min()", "from low to high, in mV"),
    ("02/7", "dict(E_L=-59, R=95, tau_m=16.8)", "look again at E_L"),
    ("02/7", "dict(E_L=-68.5, R=95, tau_m=11.6)", "not for half of it"),
    ("02/8", "dict(V_th=-45.73, V_reset=-68.5, t_ref=5.5)", "this is E_L"),
    ("02/8", "dict(V_th=-45.73, V_reset=-74, t_ref=5.5)", "look again at V_reset"),
    ("04/1", "dict(mean=20, std=800 * np.sqrt(5 * 0.005))", "the variances add up"),
    ("04/1", "dict(mean=20, std=126.5)", "the variances add up"),
    ("04/1", "dict(mean=20, std=20)", "20 is the variance"),
    ("04/3", "dict(mean=-60, sigma_V=4.18)", "how far does it lie above E_L"),
    ("04/4", "sigma_V / 100 * normal * np.sqrt(40 / dt)", "right at 2 of 3 inputs"),
    ("04/5", "np.var(np.diff(spike_times)) / np.diff(spike_times).mean() ** 2", "CV²"),
    ("04/6", "2.8878", "this is with `dt=0.1`"),
    ("04/6", "2.89", "this is with `dt=0.1`"),
    ("04/9", "dict(Fano=0.36, CV=0.36)", "CV is the root of F"),
    ("05/4", "dict(mean=24, std=36)", "36 nS² is the variance"),
    ("05/4", "dict(mean=0.024, std=0.006)", "this is in µS"),
    ("05/2", "dict(V=-44, tau=8000)", "factor of 1000"),
    ("05/6", "0.0010582", "factor of 1000"),
    ("05/7", "lif.fi_curve(neuron, currents.mean())", "average the rates"),
    ("07/1", '{"C_m": 0.15, "I_e": 400}', "a nF has 1000 pF"),
    ("07/1", '{"C_m": 150, "I_e": 0.4}', "a nA has 1000 pA"),
    ("07/2", "1000 * 20 / 40", "here it is −55 mV"),
    ("07/3", "21.97 + 9 * 27.06", "this is the exact one"),
    ("07/3", "10 * 27.5", "no full interval"),
    ("07/4", "0.05 * np.sqrt(40)", "NEST wants pA"),
    ("07/4", "50 * np.sqrt(2 * 20 / 0.1)", "held for 0.1 ms"),
    ("07/5", '{"synapses": 1e9, "GB": 5e10}', "this is in bytes"),
    ("07/5", '{"synapses": 1e10, "GB": 500}', "does not listen to all"),
    ("07/6", "10_000 / 20", "the shortest delay counts"),
    ("07/7", '{"seconds": 6.3, "times": 21}', "the 6 s are not shared"),
    ("07/7", '{"seconds": 12, "times": 20}', "all 126 s"),
    ("01/2", "[-70.5]", "one number, without brackets"),
    ("01/3", "(28, 1)", "a point, not a comma, in a decimal"),
    ("01/3", "'28,1'", "with a point, not a comma: 28.1"),
    ("05/1", "'0.12 nA'", "without the unit: 0.12"),
    ("06/1", "dict(early=-1.54, late=-2.5)", "the sign"),
    ("06/1", "dict(early=1.67, late=2.86)", "the kick lowers V, to −67 mV"),
    ("06/2", "np.corrcoef(first[:3], second[:3])[0, 1]", "not the right ones"),
    ("06/4", "0.1667", "upside down"),
    ("06/5", "dict(mean=24, sigma_V=8.49)", "how far it lies above E_L"),
    ("06/5", "dict(mean=-46, sigma_V=72)", "this is the variance"),
    ("06/6", "net.rate_out(network, 0)", "when the others are silent"),
    ("06/7", "dict(one=36.46, all=43.72)", "this is when the others follow"),
    ("06/8", "10", "this is the mean count"),
]


@pytest.mark.parametrize(("name", "answer", "words"), LIKELY)
def test_likely_mistakes(name, answer, words, ran):
    exercise = find(name)
    start = FUNCTION_STARTS.get(name, f"{exercise.name} = ")
    text = exercise.said(ran(exercise.path).namespace, start + answer)
    assert text.startswith("✗"), text
    assert words in text


@each_exercise
def test_a_function_of_one_example_is_not_right(exercise, ran):
    namespace = ran(exercise.path).namespace
    expected, options = exercise.arguments(namespace)
    if not callable(expected):
        return
    neurons = {
        argument.neuron if isinstance(argument, net.Network) else argument
        for arguments in options["at"]
        for argument in arguments
        if isinstance(argument, lif.Neuron | net.Network)
    }
    assert len(neurons) >= 2 or exercise.name in (
        "coefficient_of_variation",
        "count_correlation",
        "way_ahead",
        "my_neuron",
    )
    for parameter in lif.PARAMETERS:
        read_by_solution = f".{parameter}" in exercise.code
        if read_by_solution:  # a number in its place must not be right
            text = exercise.said_to(
                namespace, **{exercise.name: blind(exercise, namespace, parameter)}
            )
            assert text.startswith("✗"), parameter
    for position in range(len(options["at"][0])):
        fixed = options["at"][0][position]

        def hard_coded(*arguments, position=position, fixed=fixed):
            arguments = list(arguments)
            arguments[position] = fixed
            return expected(*arguments)

        text = exercise.said_to(namespace, **{exercise.name: hard_coded})
        assert text.startswith("✗"), position


def blind(exercise, namespace, parameter):
    """The solution, but with the default neuron's value of one parameter."""
    names = dict(namespace)
    exec(exercise.code, names)
    solution = names[exercise.name]
    default = {parameter: getattr(lif.Neuron(), parameter)}

    def without(argument):
        if isinstance(argument, lif.Neuron):
            return replace(argument, **default)
        if isinstance(argument, net.Network):
            return replace(argument, neuron=replace(argument.neuron, **default))
        return argument

    def changed(*arguments):
        return solution(*map(without, arguments))

    return changed


FLIPPED = {
    ast.Mult: ast.Div(),
    ast.Div: ast.Mult(),
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
}


def slips(code, given):
    """The solution's code with one slip each: times for divided by, plus for minus, a
    root or the natural logarithm forgotten. Lines that are `given` stay.
    """
    count = len(list(ast.walk(ast.parse(code))))
    for place in range(count):
        tree = ast.parse(code)
        nodes = list(ast.walk(tree))
        node = nodes[place]
        own = ast.get_source_segment(code, node)
        if isinstance(node, ast.BinOp) and type(node.op) in FLIPPED:
            node.op = FLIPPED[type(node.op)]
            one = isinstance(node.right, ast.Constant) and node.right.value == 1
            if one and isinstance(node.op, ast.Mult | ast.Div):
                continue  # times one is divided by one
        elif own and own.startswith("np.sqrt("):
            node.func, node.keywords = ast.Name("float", ast.Load()), []
        elif own and own.startswith("np.log("):
            node.func.attr = "log10"
        else:
            continue
        if own not in given:
            yield ast.unparse(ast.fix_missing_locations(tree))


@each_exercise
def test_a_slip_does_not_meet_the_right_value_by_chance(exercise, ran):
    namespace = ran(exercise.path).namespace
    for code in slips(exercise.code, exercise.answer):
        with np.errstate(all="ignore"):
            try:
                text = exercise.said(namespace, code)
            except (ValueError, IndexError, TypeError):
                continue  # the slip stops the answer cell itself
        assert not text.startswith("✓"), code


def test_slips():
    code = "x = 3 * 2\nanswer_1 = np.sqrt(x / 1) + np.log(x - 4)"
    found = [text.split("\n")[-1] for text in slips(code, "x = 3 * 2")]
    assert sorted(found) == [
        "answer_1 = float(x / 1) + np.log(x - 4)",
        "answer_1 = np.sqrt(x / 1) + np.log(x + 4)",
        "answer_1 = np.sqrt(x / 1) + np.log10(x - 4)",
        "answer_1 = np.sqrt(x / 1) - np.log(x - 4)",
    ]


@each_exercise
def test_a_function_without_return(exercise, ran):
    namespace = ran(exercise.path).namespace
    if "def " not in exercise.answer:
        return
    start = f"✗ Exercise {exercise.number}: not yet: your function returns nothing"
    text = exercise.said_to(namespace, **{exercise.name: lambda *_: None})
    assert text.startswith(start)
    text = exercise.said(namespace, exercise.code.replace("return ", ""))
    assert text.startswith(start)
