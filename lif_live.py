"""Live figures: sliders and buttons, and `explore`, whose figure follows them."""

import base64
import html
import inspect
import io
import math
import numbers
import re
import threading
import time

import ipywidgets as widgets
import matplotlib as mpl
import matplotlib.pyplot as plt
import PIL.Image  # matplotlib depends on it
from matplotlib.backends.backend_agg import FigureCanvasAgg
from traitlets import Int

from lif_figures import COLORS
from lif_helpers import PARAMETERS, Neuron

_PAUSE = 0.7  # s; a setting that stood for longer counts as let go
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
        "style": {"description_width": "120px"},
        "layout": {"width": "370px"},
        "min": scale(low),
        "max": scale(high),
        "step": step,
    }
    if log:
        return widgets.FloatLogSlider(default, readout_format=".3g", **look)
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
        "style": {"description_width": "120px", "button_width": "auto"},
        "layout": {"width": "99%"},
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
        is_button = isinstance(widget, widgets.Button)
        label = name if is_button else widget.description or name
        symbol, _, unit = label.removesuffix(")").partition(" (")
        if isinstance(value, float):
            readout = getattr(widget, "readout_format", "")
            decimals = re.fullmatch(r"\.\d+f", readout)
            value = format(value, readout) if decimals else _three_digits(value)
        words.append(f"{symbol} = {value} {unit}".rstrip())
    return _with_minus_signs(", ".join(words))


# ---- The figure ----------------------------------------------------------------------


class Painter:
    """A figure of which only what `draw` adds is painted anew.

    What the figure holds before is painted once, and its pixels are kept. What `draw`
    adds is painted onto them and taken out again; it is kept too, to turn grey when
    another setting follows.
    """

    def __init__(self, draw, figure):
        self.axes = figure.axes
        for ax in self.axes:
            ax.set_autoscale_on(False)
        self._draw = draw
        self._canvas = FigureCanvasAgg(figure)
        self._canvas.draw()
        self._still = self._pixels()  # of what stands still
        self._below = self._still  # that and the setting before, in grey
        self._fixed = set(self._artists())
        self._added = []

    def paint(self, values):
        """Paint what `draw` adds at these values; return its line and numbers."""
        self._canvas.restore_region(self._below)
        containers = [len(ax.containers) for ax in self.axes]
        frames = [_frame(ax) for ax in self.axes]
        try:
            line_and_numbers = self._add(values, frames)
            added = [a for a in self._artists() if a not in self._fixed]
            self._added = sorted(added, key=lambda artist: artist.get_zorder())
            for artist in self._added:
                artist.draw(self._canvas.get_renderer())
        finally:
            if self._stands():
                for artist in set(self._artists()) - self._fixed:
                    _take_out(artist)
            for ax, frame, count in zip(self.axes, frames, containers, strict=True):
                if _frame(ax) != frame:
                    ax.set(**frame)
                # Bars and error bars would come back in a legend.
                del ax.containers[count:]
        return line_and_numbers

    def _add(self, values, frames):
        """Let `draw` add to the axes; return its line of text, and its numbers by name.

        Raises RuntimeError for changes that would not be seen, or would stay.
        """
        self._need_what_stands_still()
        for ax in self.axes:
            ax.set_prop_cycle(None)
        axes = self.axes[0] if len(self.axes) == 1 else self.axes
        answer = self._draw(axes, **values)
        self._need_what_stands_still()
        for ax, frame in zip(self.axes, frames, strict=True):
            now = _frame(ax)
            changed = {name for name in frame if now[name] != frame[name]}
            if changed & {"title", "xlabel", "ylabel"}:
                raise RuntimeError(
                    "draw must not change titles and labels, which are painted only "
                    "once: set them before explore, and return what changes as numbers"
                )
            if changed:
                raise RuntimeError(
                    "draw must not change the limits of the axes; "
                    "set them before explore"
                )
        return _named_numbers(answer)

    def fade(self):
        """Let the setting painted last stand in grey below all that follow."""
        self._canvas.restore_region(self._still)
        for artist in self._added:
            if _make_grey(artist):
                artist.draw(self._canvas.get_renderer())
        self._below = self._pixels()

    def png(self):
        """The picture; a palette makes it twice as quick to write and half as large."""
        size, rgba = self._canvas.get_width_height(), self._canvas.buffer_rgba()
        image = PIL.Image.frombuffer("RGBA", size, rgba).convert("RGB")
        picture = io.BytesIO()
        image = image.quantize(256, PIL.Image.Quantize.FASTOCTREE)
        image.save(picture, "png", compress_level=1)
        return picture.getvalue()

    def _stands(self):
        return self._fixed <= set(self._artists())

    def _need_what_stands_still(self):
        """Raise if `draw` has removed what it did not add; nothing brings that back."""
        if not self._stands():
            raise RuntimeError(
                "draw must not clear the axes: what it added before goes by itself. "
                "Mend it, and run this cell again"
            )

    def _pixels(self):
        return self._canvas.copy_from_bbox(self._canvas.figure.bbox)

    def _artists(self):
        return [
            artist
            for parent in (self._canvas.figure, *self.axes)
            for artist in parent.get_children()
        ]


def _frame(ax):
    """What stands around a plot and is painted only once."""
    return {
        "xscale": ax.get_xscale(),
        "yscale": ax.get_yscale(),
        "xlim": ax.get_xlim(),
        "ylim": ax.get_ylim(),
        "xlabel": ax.get_xlabel(),
        "ylabel": ax.get_ylabel(),
        "title": ax.get_title(),
    }


def _take_out(artist):
    """Remove an artist; but let it know its axes, so that it can be painted again."""
    ax, figure = artist.axes, artist.figure
    artist.remove()
    if _can_turn_grey(artist):
        artist.axes = ax
        artist.set_figure(figure)


def _can_turn_grey(artist):
    """Texts, images and meshes cannot, or would cover the picture."""
    surfaces = (mpl.text.Text, mpl.collections.QuadMesh, mpl.contour.ContourSet)
    return hasattr(artist, "set_color") and not isinstance(artist, surfaces)


def _make_grey(artist):
    """Turn an artist grey; False for one that is not to be painted in grey."""
    if not _can_turn_grey(artist):
        return False
    if isinstance(artist, mpl.collections.Collection):
        artist.set_array(None)  # or its values would go on to choose its colours
    artist.set_color(COLORS["before"])
    if isinstance(artist, mpl.lines.Line2D):
        hollow = str(artist.get_markerfacecolor()) == "none"
        face = "none" if hollow else COLORS["before"]
        artist.set(markeredgecolor=COLORS["before"], markerfacecolor=face)
    return True


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

    `sliders` by name, `reset`, `image`, `text`, `before` and `error` are widgets, all
    in `box`. `setting` holds the sliders' values that the picture shows, `line` the
    text and `numbers` the bare numbers that `draw` returned for them;
    `setting_before` the values in grey (None without). `axes` is the figure's list.
    """

    def __init__(self, draw, figure, sliders):
        self.sliders = sliders
        self.reset = widgets.Button(description="reset", layout={"width": "80px"})
        self.image = widgets.Image(
            layout={
                "max_width": "100%",
                "object_fit": "contain",
                "align_self": "flex-start",
            }
        )
        self.text, self.error = widgets.HTML(), widgets.HTML()
        # With room from the start, so that the page stands still.
        self.before = widgets.HTML(layout={"min_height": "28px"})
        self.box = self._layout()
        with _PAINTING:
            plt.close(figure)  # or the notebook would show it a second time
            others = set(plt.get_fignums())
            self._painter = Painter(draw, figure)
            self.axes = self._painter.axes
            self._defaults = self._values()
            self.setting, self.setting_before = self._defaults, None
            self.line, self.numbers, self._line_before = "", {}, ""
            self._mover, self._shown_at, self._seconds = None, 0.0, 0.0
            self._tried, self._busy, self._moved_meanwhile = None, False, False
            try:
                self._follow()
            finally:
                _refuse_other_figures(others)
            self.reset.on_click(self._reset)
            for widget in sliders.values():
                widget.observe(self._move, "value")
            # Sliders of another live figure may have moved while this one was painted.
            if self._values() != self.setting:
                self._follow()

    def _layout(self):
        controls = widgets.HBox(
            [*self.sliders.values(), self.reset], layout={"flex_flow": "row wrap"}
        )
        return widgets.VBox([controls, self.image, self.text, self.before, self.error])

    def _repr_mimebundle_(self, **kwargs):
        """The widgets; and for a page without a kernel the picture and its numbers."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        with _PAINTING:
            return {
                "text/plain": f"Live figure. {self.line}",
                "image/png": base64.b64encode(self.image.value).decode(),
                "application/vnd.jupyter.widget-view+json": view,
            }

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
            self._mover = change.owner
            self._follow()

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
            line, named = self._painter.paint(values)
        except BaseException as error:
            self._fail(error)
        self.image.value = self._painter.png()
        self.text.value = f"<b>{html.escape(line)}</b>"
        self.error.value = ""
        self.setting, self.line, self.numbers = values, line, named
        self._tell_before()
        self._shown_at = time.monotonic()
        self._seconds = self._shown_at - begin

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
