"""Live figures: sliders and buttons, and `explore`, whose figure follows them."""

import asyncio
import base64
import contextlib
import html
import inspect
import math
import numbers
import re
import struct
import threading
import time
import zlib

import ipywidgets as widgets
import matplotlib as mpl
import matplotlib.pyplot as plt
from traitlets import Int

from lif_figures import clicks
from lif_helpers import PARAMETERS, Neuron
from lif_pictures import Painter, about_picture

_PAUSE = 0.7  # s; a setting that stood for longer counts as let go
LABEL_WIDTH = "120px"
REST = 0.3  # s without a move after which the picture is painted sharp
_ROUNDS = 10  # so often may `draw` move its own sliders before that is an error

# A page may send the moves of its sliders to one thread and the clicks on its buttons
# to another. Only one of them paints at a time, whatever the figure: pyplot, fonts and
# formulas are shared by all figures.
_PAINTING = threading.RLock()


# ---- Sliders and buttons -------------------------------------------------------------


def slider(name, default=None, low=None, high=None, step=None, unit="", *, log=False):
    """A slider labelled with symbol and unit; for a parameter of Neuron the rest is
    known and may be changed.

    A logarithmic slider has its step in decades. Raises TypeError or ValueError, which
    names the slider, unless low <= default <= high, step > 0, and default and high lie
    on steps (the browser would move the default there, and could not reach the high).
    """
    if not isinstance(name, str):
        raise TypeError(
            f"the first word of a slider is its name: write "
            f'nb.slider("I", default, low, high, step, "nA") in place of {name!r}, …'
        )
    symbol = name
    if name in PARAMETERS:
        about = PARAMETERS[name]
        symbol, unit = about["symbol"], about["unit"]
        known = (getattr(Neuron, name), *about["range"])
        given = (default, low, high, step)
        default, low, high, step = (
            k if x is None else x for x, k in zip(given, known, strict=True)
        )
    _need_range(name, default, low, high, step, unit, log)
    scale = math.log10 if log else float
    _need_steps(name, default, low, high, step, unit, log)
    look = {
        "description": f"{symbol} ({unit})" if unit else symbol,
        "style": {"description_width": LABEL_WIDTH},
        "layout": {"width": "98%"},
        "min": scale(low),
        "max": scale(high),
        "step": step,
    }
    if log:
        readout = ".0f" if _only_whole_numbers(low, high, step) else ".3g"
        return widgets.FloatLogSlider(default, readout_format=readout, **look)
    readout = _readout_format(low, high, step)
    return widgets.FloatSlider(default, readout_format=readout, **look)


def _need_range(name, default, low, high, step, unit, log):
    """Raise unless a slider's numbers are numbers in the right order."""
    for word, number in (
        ("default", default),
        ("low", low),
        ("high", high),
        ("step", step),
    ):
        is_number = isinstance(number, numbers.Real) and not isinstance(number, bool)
        if number is not None and not is_number:
            raise TypeError(f"slider {name}: {word} must be a number, not {number!r}")
    given = f"default {default}, low {low}, high {high} and step {step}"
    complete = None not in (default, low, high, step)
    if not (
        complete
        and low <= default <= high
        and step > 0
        and all(map(math.isfinite, (low, high, step)))
        and (low > 0 or not log)
    ):
        lowest = "0 < low" if log else "low"
        raise ValueError(
            f"slider {name} with {given}, in {unit or 1}, must have "
            f"{lowest} <= default <= high and step > 0"
        )


def _need_steps(name, default, low, high, step, unit, log):
    """Raise unless a slider's default and its high end lie on steps."""
    for word, number in (("default", default), ("high", high)):
        steps = ((math.log10(number / low)) if log else number - low) / step
        if abs(steps - round(steps)) > 1e-6:
            below, above = (
                low * 10 ** (k * step) if log else low + k * step
                for k in (math.floor(steps), math.ceil(steps))
            )
            number, lowest = (f"{x:g} {unit}".rstrip() for x in (number, low))
            raise ValueError(
                f"slider {name}: {word} {number} must lie a whole number of steps "
                f"above {lowest}; next to it are {below:.6g} and {above:.6g}"
            )


def _only_whole_numbers(low, high, step):
    """Whether each number of a logarithmic slider is whole, such as the powers of 2."""
    steps = round(math.log10(high / low) / step)
    found = (low * 10 ** (step * place) for place in range(steps + 1))
    return all(math.isclose(x, round(x), rel_tol=1e-6) for x in found)


def _readout_format(low, high, step):
    """The format in which a slider's number shows each step, without needless zeros."""
    size = math.floor(math.log10(step))
    if size < -6:  # 2.5e-07 is shorter than 0.00000025
        largest = max(abs(low), abs(high), step)
        return f".{math.floor(math.log10(largest)) - size + 2}g"
    three_digits = max(0, 2 - size)  # of a step such as π/8, which no decimals write
    for decimals in range(three_digits):
        shifted = low * 10**decimals, step * 10**decimals
        if all(math.isclose(x, round(x), rel_tol=1e-6) for x in shifted):
            return f".{decimals}f"
    return f".{three_digits}f"


def choice(label, options):
    """A row of buttons of which one is chosen, at first the first."""
    look = {
        "style": {"description_width": LABEL_WIDTH, "button_width": "auto"},
        "layout": {"width": "98%"},
    }
    return widgets.ToggleButtons(options=options, description=label, **look)


class NewNoise(widgets.Button):
    """A button whose value, a seed, grows by one at each click; it stands among the
    sliders of `explore`.
    """

    value = Int(1)

    def __init__(self):
        super().__init__(
            description="new noise",
            layout={"width": "100px", "margin": "2px 2px 2px 20px"},
        )
        self.on_click(self._count)

    def _count(self, _button):
        self.value += 1


# ---- What `explore` says to other habits ---------------------------------------------


def _need_draw(draw, sliders):
    """Raise unless draw is a function of the axes and the sliders."""
    if not callable(draw):
        raise TypeError(
            "explore needs the function itself, its name without brackets: "
            f"nb.explore(draw, figure, …); it got {draw!r}"
        )
    name = getattr(draw, "__name__", "draw")
    try:
        inspect.signature(draw).bind(None, **sliders)
    except TypeError:
        takes = str(inspect.signature(draw))
        raise TypeError(
            f"{name}{takes} and the sliders do not fit together: first come the axes, "
            "then one argument for each slider, with the slider's name: "
            f"def {name}({', '.join(['axes', *sliders])})"
        ) from None
    if "show" in getattr(getattr(draw, "__code__", None), "co_names", ()):
        raise TypeError(
            f"{name} must not call plt.show: explore shows its figure by itself"
        )


def _need_figure(figure):
    if isinstance(figure, mpl.figure.Figure):
        if not figure.axes:
            raise ValueError("explore needs a figure with axes; this one has none yet")
        return
    if isinstance(figure, tuple):
        hint = "write figure, axes = nb.new_axes(…) first, then give figure"
    elif isinstance(figure, mpl.axes.Axes | list):
        hint = "give the figure, not its axes"
    elif callable(figure):
        hint = "first comes the function that draws, then the figure"
    else:
        hint = "make one with figure, axes = nb.new_axes(…)"
    raise TypeError(f"explore needs a figure, not {figure!r}: {hint}")


def _need_sliders(nameless, sliders):
    """Raise unless each slider is a widget with a value, and has a name."""
    if nameless:
        raise TypeError(
            "each slider needs a name, the name of an argument of draw: "
            'nb.explore(draw, figure, I=nb.slider("I", …))'
        )
    for name, widget in sliders.items():
        if isinstance(widget, widgets.DOMWidget) and widget.has_trait("value"):
            continue
        if isinstance(widget, type) and issubclass(widget, widgets.Widget):
            hint = f"write {name}=nb.{widget.__name__}(), with brackets"
        elif isinstance(widget, tuple):
            hint = f'write {name}=nb.slider("{name}", default, low, high, step, unit)'
        elif isinstance(widget, list | dict | str | bool):
            options = [widget] if isinstance(widget, str) else widget
            options = [True, False] if isinstance(widget, bool) else list(options)
            hint = f'write {name}=nb.choice("{name}", {options!r})'
        else:
            hint = (
                f'write {name}=nb.slider("{name}", default, low, high, step, unit), '
                f"or set {name} within draw if it shall not move"
            )
        raise TypeError(f"{name} = {widget!r} is no slider: {hint}")


# ---- Numbers in words ----------------------------------------------------------------


def _named_numbers(answer):
    """What `draw` returned: its line of text, and its numbers by name."""
    if isinstance(answer, str | None):
        return _with_minus_signs(answer or ""), {}
    if not isinstance(answer, dict):
        raise TypeError(
            'draw must return its numbers by name, as {"rate": (12.3, "Hz")}, '
            f"or a text, or nothing; it returned {answer!r}"
        )
    named = {name: _number_and_words(name, entry) for name, entry in answer.items()}
    line = " · ".join(f"{name} {words}" for name, (_, words) in named.items())
    return _with_minus_signs(line), {name: bare for name, (bare, _) in named.items()}


def _number_and_words(name, entry):
    """The bare number (or text) of an entry of `draw`, and how it is written."""
    parts = entry if isinstance(entry, tuple) else (entry,)
    value, unit, form = (*parts, "", "")[:3]
    if isinstance(value, str):
        return value, value
    if getattr(value, "ndim", None) == 0:  # of numpy
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f'the number "{name}" of draw must be a number, (number, unit), '
            f"(number, unit, format) or a text; it is {entry!r}"
        )
    written = format(value, form) if form else _three_digits(value)
    space = "" if unit in ("", "°") else " "
    return value, f"{written}{space}{unit}"


def _three_digits(value):
    """A whole number as it is, any other with three digits: 0.0123, 1.23, 1234."""
    if isinstance(value, numbers.Integral) or value == 0:
        return str(int(value))
    rounded = float(f"{value:.3g}")
    if not 1e-4 <= abs(rounded) < 1e6:  # inf and nan too
        return f"{value:.3g}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(rounded))))}f}"


def _with_minus_signs(text):
    """The text with minus signs as on the axes."""
    return re.sub(r"(?<![\w)])-(?=[\d.])", "−", text)


def _setting_in_words(sliders, values):
    """Values of sliders, with the sliders' own labels: I = 0.30 nA, ion = K."""
    words = []
    for name, value in values.items():
        widget = sliders[name]
        if isinstance(widget, NewNoise):
            words.append(f"noise number {value}")
            continue
        symbol, _, unit = (widget.description or name).removesuffix(")").partition(" (")
        if isinstance(value, float):
            readout = getattr(widget, "readout_format", "")
            decimals = re.fullmatch(r"\.\d+f", readout)
            value = format(value, readout) if decimals else _three_digits(value)
        words.append(f"{symbol} = {value} {unit}".rstrip())
    return _with_minus_signs(", ".join(words))


# ---- The live figure -----------------------------------------------------------------


def explore(draw, figure, /, *nameless, **sliders):
    """Show a figure that follows its sliders: `draw(axes, **values)` adds what depends
    on them to its axes.

    What the figure holds before is painted once. `draw` gets the figure's axes (a list,
    if there are several), uses ordinary matplotlib calls, and leaves limits, labels and
    titles as they are. It returns the numbers to show below, by name: {"rate": (12.3,
    "Hz"), "spikes": 7, "CV": (0.45, "", ".2f"), "first spike": "none"}, or a text. The
    last setting that was let go of stays in grey. An error in `draw` is shown in red,
    and raised.
    """
    _need_sliders(nameless, sliders)
    _need_figure(figure)
    _need_draw(draw, sliders)
    return Explorer(draw, figure, sliders)


class Explorer:
    """A live figure: its widgets, and what it shows.

    `sliders` by name, `reset`, `play`, `listen`, `image`, `text`, `before`, `error` and
    `sound` are widgets, all in `box`. `setting` holds the sliders' values that the
    picture shows, `line` the text and `numbers` the bare numbers that `draw` returned
    for them; `setting_before` the values in grey (None without). `axes` is the figure's
    list. `along_time` tells whether time runs along one of them, so that it can play.
    """

    def __init__(self, draw, figure, sliders):
        self.sliders = sliders
        self.reset = _button("reset", "all sliders back to where they were")
        self.play = _button("play", "watch this setting in slow motion")
        self.listen = _button("listen", "hear the spikes, each as a click")
        self.image = widgets.Image(layout={"width": "100%", "object_fit": "contain"})
        self.text, self.error = widgets.HTML(), widgets.HTML()
        # With room from the start, so that the page stands still.
        self.before = widgets.HTML(layout={"min_height": "28px"})
        self._silence = clicks([], 1).data
        self.sound = widgets.Audio(
            value=self._silence, format="wav", autoplay=True, loop=False
        )
        self.sound.layout.display = "none"
        with _PAINTING:
            plt.close(figure)  # or the notebook would show it a second time
            others = set(plt.get_fignums())
            self._painter = Painter(draw, figure)
            self.axes = self._painter.axes
            self.along_time = bool(self._painter.time_axes)
            self.box = self._layout()
            self._defaults = self._values()
            self.setting, self.setting_before = self._defaults, None
            self.line, self.numbers, self._line_before = "", {}, ""
            self._mover, self._shown_at, self._seconds = None, 0.0, 0.0
            self._tried, self._busy, self._moved_meanwhile = None, False, False
            self._plays = 0
            try:
                self._follow()
                self.rest()
            finally:
                _refuse_other_figures(others)
            self.reset.on_click(self._reset)
            self.play.on_click(self._play)
            self.listen.on_click(self._listen)
            for widget in sliders.values():
                widget.observe(self._move, "value")
            # Sliders of another live figure may have moved while this one was painted.
            if self._values() != self.setting:
                self._follow()

    def _layout(self):
        """Sliders at the right of the picture; above it, where the page is narrow."""
        buttons = [self.reset]
        if self.along_time:
            buttons = [self.play, self.reset, self.listen]
        row = widgets.HBox(buttons, layout={"flex_flow": "row wrap"})
        told = [self.text, self.before, self.error, self.sound]
        controls = widgets.VBox(
            [*self.sliders.values(), row, *told],
            layout={"flex": "1 1 330px", "max_width": "100%"},
        )
        width, _ = self._painter.size
        picture = widgets.Box(
            [self.image],
            layout={"flex": "3 1 480px", "max_width": f"{width}px", "min_width": "0"},
        )
        return widgets.Box(
            [controls, picture],
            layout={
                "display": "flex",
                "flex_flow": "row-reverse wrap",
                "justify_content": "flex-end",
                "align_items": "center",
            },
        )

    def _repr_mimebundle_(self, **kwargs):
        """The widgets; and for a page without a kernel the picture and its numbers."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        with _PAINTING:
            self.rest()
            data = {
                "text/plain": f"Live figure. {self.line}",
                "image/png": base64.b64encode(self.image.value).decode(),
                "application/vnd.jupyter.widget-view+json": view,
            }
            about = about_picture(self._painter.size, f"Live figure. {self.line}")
            return data, {"image/png": about}

    def _values(self):
        # Without the rounding of the browser, which makes 5.000000000000001 of a 5 when
        # it first shows a slider.
        values = {name: widget.value for name, widget in self.sliders.items()}
        return {
            name: float(f"{x:.10g}") if isinstance(x, float) else x
            for name, x in values.items()
        }

    def _move(self, change):
        """Follow a slider. Moves that come while another thread paints wait here; the
        first of them paints the last values, and the others find that done.
        """
        with _PAINTING:
            if self._busy:  # `draw` itself, or the reset, moves a slider
                self._moved_meanwhile = True
                return
            if self._values() == self._tried:
                return
            # Quick moves of one slider are one gesture; what stood before it goes grey.
            rested = time.monotonic() - self._shown_at > _PAUSE
            if change.owner is not self._mover or rested:
                self._fade()
                self._keep_order()
            self._mover = change.owner
            self._follow()

    def _keep_order(self):
        """Let every slider and button say something, in answer to a move.

        A kernel (of ipykernel 7.4) sends what comes from a widget to the thread that
        last spoke for it. Buttons say nothing by themselves: a click on *reset* would
        go to another thread than the moves, and could overtake those made before it.
        """
        buttons = (self.reset, self.play, self.listen)
        for widget in (*self.sliders.values(), *buttons):
            widget.send_state("description")

    def _reset(self, _button):
        """Set all sliders to their defaults, then paint once."""
        with _PAINTING:
            self._busy = True
            try:
                for name, widget in self.sliders.items():
                    widget.value = self._defaults[name]
            finally:
                self._busy = False
            if self._values() != self.setting:
                self._fade()
            self._mover = None  # so that whatever moves next begins a gesture
            self._follow()

    def rest(self):
        """Paint the setting that is shown with all the pixels of a sharp screen."""
        with _PAINTING:
            if not self._painter.is_sharp:
                self._painter.sharpen()
                self.image.value = self._painter.png()

    @contextlib.contextmanager
    def opened(self):
        """The figure, with all that it shows at rest, for a closer look."""
        with _PAINTING, self._painter.opened() as figure:
            yield figure

    def _rest_soon(self):
        """Let the figure rest when no move has come for a while.

        The kernel's event loop waits; where there is none, the draft stays.
        """
        shown_at = self._shown_at

        def rest_unless_moved():
            with _PAINTING:
                if self._shown_at == shown_at:
                    self.rest()

        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop().call_later(REST, rest_unless_moved)

    def _play(self, _button):
        """Show the present setting in slow motion; the next move ends it."""
        with _PAINTING:
            film = self._painter.film()
            self._shown_at = time.monotonic()
            # The same film once more would be no change, and would not start again.
            self._plays += 1
            self.image.value = _with_note(film, f"play {self._plays}")

    def _listen(self, _button):
        """Let the spikes of the present setting be heard."""
        with _PAINTING:
            self.sound.layout.display = ""
            self.sound.value = self._silence  # so that the same is heard again
            self.sound.value = clicks(*self.heard()).data

    def heard(self):
        """The spikes that *listen* lets hear: their times from the left edge of the
        axes, and the width of these, ms.
        """
        marks = self._painter.marks("spikes")
        if not (self.along_time and marks):
            return [], 0.0
        start, end = marks[0].axes.get_xlim()
        times = [segment[0][0] - start for segment in marks[0].get_segments()]
        return times, end - start

    def _offer_sound(self):
        """Show the button where there are spikes."""
        spikes = self._painter.marks("spikes")
        self.listen.layout.visibility = "visible" if spikes else "hidden"
        self.sound.layout.display = "none"

    def _fade(self):
        """Turn the setting that is shown grey."""
        self._painter.fade()
        self.setting_before, self._line_before = self.setting, self.line

    def _follow(self):
        """Paint the sliders' values, again if `draw` has moved a slider."""
        self._busy = True
        try:
            for _ in range(_ROUNDS):
                self._moved_meanwhile = False
                self._show(self._values())
                if not self._moved_meanwhile:
                    return
            self._fail(RuntimeError("draw moves its own sliders without end"))
        finally:
            self._busy = False

    def _show(self, values):
        """Paint one setting, and write its numbers."""
        self._tried, begin = values, time.monotonic()
        if self._seconds > 0.5:
            self.text.value = f"<i>computing, about {self._seconds:.0f} s …</i>"
        try:
            line, named = _named_numbers(self._painter.paint(values))
        except BaseException as error:
            self._fail(error)
        self.image.value = self._painter.png()
        self.text.value = f"<b>{html.escape(line)}</b>"
        self._offer_sound()
        self.error.value = ""
        self.setting, self.line, self.numbers = values, line, named
        self._tell_before()
        self._shown_at = time.monotonic()
        self._seconds = self._shown_at - begin
        self._rest_soon()

    def _tell_before(self):
        """Write below the picture at which setting the grey one was taken."""
        if self.setting_before is None:
            return
        other = {
            name: value
            for name, value in self.setting_before.items()
            if value != self.setting[name]
        }
        at = f", at {_setting_in_words(self.sliders, other)}" if other else ""
        told = html.escape(f"before{at}: {self._line_before}".removesuffix(": "))
        self.before.value = f'<span style="opacity:0.75">{told}</span>'

    def _fail(self, error):
        """Show an error in red, and raise it."""
        in_words = isinstance(error, ValueError | TypeError | RuntimeError)
        kind = "" if in_words else f"{type(error).__name__}: "
        setting = _setting_in_words(self.sliders, self._tried)
        told = f"With {setting}: {kind}{error}".removesuffix(": ")
        # Red on its own paper, so that it can be read on a dark page too.
        look = "color:#B00020; background:#FDECEA; padding:2px 6px"
        words = html.escape(_with_minus_signs(told))
        self.error.value = f'<b style="{look}">{words}</b>'
        # The numbers of the picture that is still shown.
        self.text.value = f"<b>{html.escape(self.line)}</b>"
        raise error


def _button(words, tooltip):
    return widgets.Button(description=words, tooltip=tooltip, layout={"width": "80px"})


def _with_note(png, text):
    """The PNG with a text in it that nobody sees, which makes it another one."""
    data = b"tEXtComment\0" + text.encode()
    chunk = struct.pack(">I", len(data) - 4) + data
    chunk += struct.pack(">I", zlib.crc32(data))
    return png[:-12] + chunk + png[-12:]


def _refuse_other_figures(others):
    """Raise if `draw` has made figures of pyplot, which the page would show as well."""
    new = set(plt.get_fignums()) - others
    for number in new:
        plt.close(number)
    if new:
        raise RuntimeError(
            "draw must draw into the axes that it is given: write ax.plot(…) in place "
            "of plt.plot(…), and make no figure"
        )
