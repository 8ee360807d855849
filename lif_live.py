"""Live figures: sliders and buttons, and `explore`, whose figure follows them."""

import base64
import html
import io
import math
import re
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


def slider(name, default=None, low=None, high=None, step=None, unit="", *, log=False):
    """A slider labelled with symbol and unit; for a parameter of Neuron the rest is
    known and may be changed.

    A logarithmic slider has its step in decades. Raises ValueError unless low <=
    default <= high, the default lies on a step (the browser would move it there) and
    step > 0.
    """
    symbol = name
    if name in PARAMETERS:
        about = PARAMETERS[name]
        symbol, unit, known = (
            about["symbol"],
            about["unit"],
            (getattr(Neuron, name), *about["range"]),
        )
        given = (default, low, high, step)
        default, low, high, step = (
            k if x is None else x for x, k in zip(given, known, strict=True)
        )
    if None in (default, low, high, step) or not (
        low <= default <= high and step > 0 and (low > 0 or not log)
    ):
        numbers = f"default {default}, low {low}, high {high} and step {step}, in {unit or 1},"
        raise ValueError(
            f"slider {name} with {numbers} must have {'0 < ' * log}low <= default <= high and step > 0"
        )
    scale = math.log10 if log else float
    steps = (scale(default) - scale(low)) / step
    if abs(steps - round(steps)) > 1e-6:
        raise ValueError(
            f"slider {name}: default {default:g} {unit} must lie a whole number of steps above {low:g} {unit}"
        )
    look = {
        "description": f"{symbol} ({unit})" if unit else symbol,
        "style": {"description_width": "120px"},
    }
    look |= {
        "layout": {"width": "370px"},
        "min": scale(low),
        "max": scale(high),
        "step": step,
    }
    if log:
        return widgets.FloatLogSlider(default, readout_format=".3g", **look)
    decimals = next(
        d for d in range(12) if abs(step * 10**d - round(step * 10**d)) < 1e-6
    )
    return widgets.FloatSlider(default, readout_format=f".{decimals}f", **look)


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


def explore(draw, figure, **sliders):
    """Show a figure that follows its sliders: `draw(axes, **values)` adds what depends
    on them to its axes.

    What the figure holds before is painted once. `draw` gets the figure's axes (a list,
    if there are several), uses ordinary matplotlib calls, leaves limits, labels and
    titles as they are, and returns a line of text, the numbers to show below. The last
    setting that was let go of stays in grey. An error in `draw` is shown in red, and
    raised.
    """
    return Explorer(draw, figure, sliders)


class Explorer:
    """The widgets of a live figure: `sliders` by name, `reset`, `image`, `text`,
    `before`, `error`, all in `box`.
    """

    def __init__(self, draw, figure, sliders):
        self.sliders, self._draw, self._axes = sliders, draw, figure.axes
        plt.close(figure)  # or the notebook would show it a second time
        for ax in self._axes:
            ax.set_autoscale_on(False)
        self._canvas = FigureCanvasAgg(figure)
        self._canvas.draw()
        self._empty = self._background = self._canvas.copy_from_bbox(figure.bbox)
        self._defaults = self._shown = self._values()
        self._mover, self._shown_at, self._seconds, self._numbers = None, 0.0, 0.0, ""
        self.reset = widgets.Button(description="reset", layout={"width": "80px"})
        self.image = widgets.Image(
            layout={
                "max_width": "100%",
                "object_fit": "contain",
                "align_self": "flex-start",
            }
        )
        self.text, self.error = widgets.HTML(), widgets.HTML()
        self.before = widgets.HTML(
            layout={"min_height": "28px"}
        )  # room from the start, so that the page stands still
        self.reset.on_click(self._reset)
        for widget in sliders.values():
            widget.observe(self._move, "value")
        controls = widgets.HBox(
            [*sliders.values(), self.reset], layout={"flex_flow": "row wrap"}
        )
        self.box = widgets.VBox(
            [controls, self.image, self.text, self.before, self.error]
        )
        self._show()

    def _repr_mimebundle_(self, **kwargs):
        """The widgets; and for a page without a kernel the picture and its numbers."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        return {
            "text/plain": f"Live figure. {self._numbers}",
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
        if self._values() == self._shown and not self.error.value:
            return
        # Quick moves of one slider are one gesture; what stood before the gesture goes
        # grey.
        begins = (
            change.owner is not self._mover
            or time.monotonic() - self._shown_at > _PAUSE
        )
        self._mover = change.owner
        self._follow(begins)

    def _reset(self, _button):
        for name, widget in self.sliders.items():
            widget.unobserve(self._move, "value")
            widget.value = self._defaults[name]
            widget.observe(self._move, "value")
        self._mover = None
        self._follow(True)

    def _follow(self, begins):
        if self._seconds > 0.5:
            self.text.value = f"<i>computing, about {self._seconds:.0f} s …</i>"
        if begins:
            self._fade()
        self._show()

    def _fade(self):
        """Paint the setting that is shown in grey, below all that follow."""
        numbers = self._paint(self._shown, self._empty, grey=True)
        self._background = self._canvas.copy_from_bbox(self._canvas.figure.bbox)
        self.before.value = (
            f'<span style="color:#707070">before: {html.escape(numbers)}</span>'
        )

    def _show(self):
        """Paint the setting of the sliders."""
        values, begin = self._values(), time.monotonic()
        try:
            numbers = self._paint(values, self._background)
        except Exception as error:
            setting = ", ".join(
                f"{name} = {value:.6g}"
                if isinstance(value, float)
                else f"{name} = {value}"
                for name, value in values.items()
            )
            self.error.value = f'<b style="color:#B00020">{html.escape(f"With {setting}: {error}")}</b>'
            self.text.value = f"<b>{html.escape(self._numbers)}</b>"  # of the picture that is still shown
            raise
        picture = io.BytesIO()
        image = PIL.Image.frombuffer(
            "RGBA", self._canvas.get_width_height(), self._canvas.buffer_rgba()
        )
        image.convert("RGB").save(picture, "png", compress_level=1)
        self.image.value, self.text.value, self.error.value = (
            picture.getvalue(),
            f"<b>{html.escape(numbers)}</b>",
            "",
        )
        self._shown, self._numbers, self._shown_at = values, numbers, time.monotonic()
        self._seconds = self._shown_at - begin

    def _paint(self, values, background, grey=False):
        """Paint what `draw` adds to the axes onto the background, remove it again,
        and return the text of `draw`.
        """
        figure, limits = self._canvas.figure, [ax.axis() for ax in self._axes]
        fixed, containers = (
            set(self._artists()),
            [len(ax.containers) for ax in self._axes],
        )
        self._canvas.restore_region(background)
        try:
            for ax in self._axes:
                ax.set_prop_cycle(None)
            numbers = self._draw(
                self._axes if len(self._axes) > 1 else self._axes[0], **values
            )
            if not isinstance(numbers, str | None):
                raise TypeError(
                    f"draw must return a text with the numbers, or nothing; it returned {numbers!r}"
                )
            if limits != [ax.axis() for ax in self._axes]:
                raise RuntimeError(
                    "draw must not change the limits of the axes; set them before explore"
                )
            added = [artist for artist in self._artists() if artist not in fixed]
            for artist in sorted(added, key=lambda artist: artist.get_zorder()):
                if not grey or _make_grey(artist):
                    figure.draw_artist(artist)
        finally:
            for artist in self._artists():
                if artist not in fixed:
                    artist.remove()
            for ax, limit, count in zip(self._axes, limits, containers, strict=True):
                ax.axis(limit)
                del ax.containers[
                    count:
                ]  # of bars and error bars, which would come back in a legend
        return re.sub(
            r"(?<![\w)])-(?=[\d.])", "−", numbers or ""
        )  # a minus as on the axes

    def _artists(self):
        return [
            artist
            for parent in (self._canvas.figure, *self._axes)
            for artist in parent.get_children()
        ]


def _make_grey(artist):
    """Turn an artist grey; False for texts, images and meshes, which are not to be
    painted in grey.
    """
    surfaces = (mpl.text.Text, mpl.collections.QuadMesh, mpl.contour.ContourSet)
    if isinstance(artist, surfaces) or not hasattr(artist, "set_color"):
        return False
    if isinstance(artist, mpl.collections.Collection):
        artist.set_array(None)  # or its values would go on to choose its colours
    artist.set_color(COLORS["before"])
    if isinstance(artist, mpl.lines.Line2D):
        face = (
            "none" if str(artist.get_markerfacecolor()) == "none" else COLORS["before"]
        )
        artist.set(markeredgecolor=COLORS["before"], markerfacecolor=face)
    return True
