"""Pictures: a figure painted again and again, and pictures that move by themselves."""

import base64
import contextlib
import io
import itertools

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image  # matplotlib depends on it
import PIL.ImageDraw
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from lif_figures import (
    COLORS,
    DATA,
    ONLY_NOW,
    TIME_LABEL,
    data_artists,
    ink,
    name_curves,
    spike_places,
)

SHARP = 2  # pixels painted for one that is shown: what a high-density screen needs
BEFORE_WIDTH = 1.2  # of lines of the setting before

# ---- A figure painted again and again ------------------------------------------------


class Painter:
    """A figure of which only what `draw` adds is painted anew.

    What the figure holds before is painted once, and its pixels are kept. What `draw`
    adds gets its names, is painted onto these pixels and taken out again; it is kept
    too, to be painted sharp, and to turn grey when another setting follows.
    """

    def __init__(self, draw, figure):
        self._figure, self.axes = figure, figure.axes
        for ax in self.axes:
            ax.set_autoscale_on(False)
        self._draw = draw
        self._fixed = set(self._artists())
        self._standing = {ax: data_artists(ax) for ax in self.axes}
        self._added, self._names, self._places = [], [], {}
        self._fading, self._grey = False, None
        dpi = figure.dpi
        self._draft = _Sheet(figure, dpi)
        figure.set_layout_engine("none")  # what is laid out once stays where it is
        self._fine = _Sheet(figure, SHARP * dpi)
        self._sheet = self._draft

    @property
    def size(self):
        """Width and height at which the picture is to be shown, in pixels."""
        return self._draft.size

    @property
    def is_sharp(self):
        """Whether what was painted last has all the pixels of a sharp screen."""
        return self._sheet is self._fine

    def paint(self, values, sharp=False, names_stay=False):
        """Paint what `draw` adds at these values, and return what it returned.

        If `names_stay`, it is painted sharp at once, with names at their last places.
        Raises RuntimeError if `draw` changes what would not be seen, or would stay.
        """
        containers = [len(ax.containers) for ax in self.axes]
        frames = [_frame(ax) for ax in self.axes]
        self._sheet = self._fine if names_stay else self._draft
        self._sheet.lay_out()
        try:
            answer = self._add(values, frames)
            if self._fading:
                self._turn_grey()
            self._added = [a for a in self._artists() if a not in self._fixed]
            self._name(self._places)
            self._sheet.add(self._added)
        finally:
            if self._stands():
                for artist in set(self._artists()) - self._fixed:
                    _take_out(artist)
            for ax, frame, count in zip(self.axes, frames, containers, strict=True):
                if _frame(ax) != frame:
                    ax.set(**frame)
                # Bars and error bars would come back in a legend.
                del ax.containers[count:]
        if sharp:
            self.sharpen()
        return answer

    def sharpen(self):
        """Paint the last setting once more, with more pixels and its names anew."""
        self._name_anew()
        if self._grey is not None:
            self._fine.keep_below(self._grey)
            self._grey = None
        self._sheet = self._fine
        self._sheet.lay_out()
        self._sheet.add(self._added)

    def _name_anew(self):
        """Find the best places for the names of what was painted last."""
        self._draft.lay_out()
        for name in self._names:
            self._added.remove(name)
        self._name({})
        for name in self._names:
            _take_out(name)
        self._places = {name.get_text(): name.get_position() for name in self._names}

    def _name(self, places):
        """Name what is shown, also what stands still; known places stay as they are."""
        self._names = []
        for ax in self.axes:
            if ax.get_legend() is None and ax.axison:  # a drawing names its things
                added = [a for a in self._added if a.axes is ax and isinstance(a, DATA)]
                shown = [*self._standing[ax], *added]
                self._names += name_curves(ax, shown, places)
        self._added = sorted([*self._added, *self._names], key=lambda a: a.get_zorder())

    def fade(self):
        """Let the setting painted last stand in grey below all that follow."""
        # Only once the next is drawn: if that fails, this one is still the one shown.
        self._fading = True

    def _turn_grey(self):
        grey = [artist for artist in self._added if _make_grey(artist)]
        self._draft.keep_below(grey)
        self._grey = grey  # for the fine sheet, once it is needed
        self._fading = False
        self._sheet.lay_out()

    def png(self):
        """The picture painted last; a draft has a palette, so that it is quick."""
        image = self._sheet.image()
        picture = io.BytesIO()
        if self._sheet is self._draft:
            image = image.quantize(256, PIL.Image.Quantize.FASTOCTREE)
        image.save(picture, "png", compress_level=1)
        return picture.getvalue()

    def pixels(self):
        """The picture painted last, an array of shape (height, width, 3)."""
        return self._sheet.pixels()

    def film(self):
        """The last setting in slow motion, the bytes of an animated PNG."""
        self.sharpen()
        finished = self._fine.pixels()
        self._fine.lay_out()
        shown = {ax: [a for a in self._added if a.axes is ax] for ax in self.time_axes}
        return slow_motion(shown, finished, self._fine.pixels())

    @contextlib.contextmanager
    def opened(self):
        """The figure with all that was painted last in it, for a closer look."""
        self._name_anew()
        for artist in self._added:
            (artist.axes or self._figure).add_artist(artist)
        self._figure.draw_without_rendering()  # labels of axes find their places
        try:
            yield self._figure
        finally:
            for artist in self._added:
                _take_out(artist)

    @property
    def time_axes(self):
        """The axes along which time runs."""
        return [
            ax
            for ax in self.axes
            if any(
                other.get_xlabel() == TIME_LABEL
                for other in ax.get_shared_x_axes().get_siblings(ax)
            )
        ]

    def marks(self, gid):
        """What the last setting shows under this gid."""
        return [artist for artist in self._added if artist.get_gid() == gid]

    def _add(self, values, frames):
        """Let `draw` add to the axes; refuse what would not be seen, or would stay."""
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
        return answer

    def _stands(self):
        return self._fixed <= set(self._artists())

    def _need_what_stands_still(self):
        """Raise if `draw` has removed what it did not add; nothing brings that back."""
        if not self._stands():
            raise RuntimeError(
                "draw must not clear the axes: what it added before goes by itself. "
                "Mend it, and run this cell again"
            )

    def _artists(self):
        return [
            artist
            for parent in (self._figure, *self.axes)
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
    artist.axes = ax
    artist.set_figure(figure)


def _can_turn_grey(artist):
    """Texts, images, meshes and drawings cannot, or would cover the picture."""
    surfaces = (mpl.text.Text, mpl.collections.QuadMesh, mpl.contour.ContourSet)
    can = hasattr(artist, "set_color") and not isinstance(artist, surfaces)
    return can and artist.get_gid() != ONLY_NOW


def _make_grey(artist):
    """Turn an artist grey; False for one that is not to be painted in grey."""
    if not _can_turn_grey(artist):
        return False
    if isinstance(artist, mpl.collections.Collection):
        artist.set_array(None)  # or its values would go on to choose its colours
    artist.set_color(COLORS["before"])
    thin = np.minimum(artist.get_linewidth(), BEFORE_WIDTH)
    artist.set_linewidth(thin)
    if isinstance(artist, mpl.lines.Line2D):
        hollow = str(artist.get_markerfacecolor()) == "none"
        face = "none" if hollow else COLORS["before"]
        artist.set(markeredgecolor=COLORS["before"], markerfacecolor=face)
    return True


class _Sheet:
    """A figure at one number of pixels, and those of what stands still or is grey."""

    def __init__(self, figure, dpi):
        self._figure, self._dpi = figure, dpi
        self._canvas = FigureCanvasAgg(figure)
        self._take()
        self._canvas.draw()
        self.size = self._canvas.get_width_height()
        self._still = self._copy()
        self._below = self._still  # that and the setting before, in grey

    def lay_out(self):
        """Begin with what stands still, and the setting before."""
        self._take()
        self._canvas.restore_region(self._below)

    def add(self, artists):
        """Paint these on top."""
        for artist in artists:
            artist.draw(self._canvas.get_renderer())

    def keep_below(self, artists):
        """Let these stand below all that follow, in place of those kept before."""
        self._take()
        self._canvas.restore_region(self._still)
        self.add(artists)
        self._below = self._copy()

    def image(self):
        """What is painted, as an image."""
        return PIL.Image.fromarray(np.asarray(self._canvas.buffer_rgba())).convert(
            "RGB"
        )

    def pixels(self):
        """What is painted, an array of shape (height, width, 3)."""
        return np.asarray(self._canvas.buffer_rgba())[..., :3].copy()

    def _take(self):
        """Let the figure have this sheet's canvas and its pixels per inch."""
        self._figure.set_canvas(self._canvas)
        self._figure.dpi = self._dpi

    def _copy(self):
        return self._canvas.copy_from_bbox(self._figure.bbox)


# ---- Pictures that move by themselves ------------------------------------------------

FRAME_MS = 60
FILM_COLORS = 64  # enough for lines and their soft edges
PLACEHOLDER = (255, 0, 255)  # a colour that no figure has, for what is not seen
BALL, FLASH = 5, 9  # radii in pixels at 100 dpi


def animate(draw, figure, times, *, alt):
    """A picture that moves, also without a kernel, with a frame for each of `times`.

    `draw(axes, time)` adds to the figure's axes (a list, if there are several) what
    stands there at that time, as in `explore`. The last frame is the whole picture.
    `alt` says in one sentence what there is to see.
    """
    plt.close(figure)  # or the notebook would show it a second time
    painter = Painter(lambda axes, time: draw(axes, time), figure)
    # In the whole picture names find their places, where they stand all the time.
    painter.paint({"time": times[-1]}, sharp=True)
    pictures = []
    for time in times:
        painter.paint({"time": time}, names_stay=True)
        pictures.append(painter.pixels())
    images = few_colors(pictures)
    return MovingPicture(film_of_changes(images), painter.size, alt)


class MovingPicture:
    """An animated PNG in the output of a cell, at the size at which it is meant."""

    def __init__(self, png, size, alt):
        self.png, self.size, self.alt = png, size, alt

    def _repr_mimebundle_(self, **kwargs):
        data = {
            "text/plain": f"Moving picture. {self.alt}",
            "image/png": base64.b64encode(self.png).decode(),
        }
        return data, {"image/png": about_picture(self.size, self.alt)}


def about_picture(size, alt):
    """What a page must know of a picture: its size, and words that stand for it."""
    return {"width": size[0], "height": size[1], "alt": alt}


def few_colors(pictures, colors=FILM_COLORS, also=()):
    """Pictures, arrays (height, width, 3), as palette images with one palette for all.

    It holds the colours `also`. Half of the others are the commonest, as they are; the
    rest stands for all that is left, where a thin mark counts as much as a wide area.
    """
    codes = [_codes(picture) for picture in pictures]
    # Of each picture only what differs from the one before it is looked at.
    changed = [
        codes[0] == codes[0],
        *itertools.starmap(np.not_equal, itertools.pairwise(codes)),
    ]
    new = [code[where] for code, where in zip(codes, changed, strict=True)]
    found, counts = np.unique(np.concatenate(new), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    common, rest = np.split(found[order], [colors // 2])
    palette = np.vstack([_channels(common), *(_rgb(color) for color in also)])
    if len(rest):
        shades = PIL.Image.fromarray(_channels(rest)[None]).quantize(colors // 2)
        palette = np.vstack([palette, np.reshape(shades.getpalette(), (-1, 3))])
    distances = np.abs(_channels(found)[:, None].astype(int) - palette).sum(axis=2)
    nearest = distances.argmin(axis=1).astype(np.uint8)
    images, index = [], np.zeros(codes[0].shape, np.uint8)
    for code, where in zip(new, changed, strict=True):
        index[where] = nearest[np.searchsorted(found, code)]
        images.append(PIL.Image.fromarray(index.copy()))
        images[-1].putpalette(palette.astype(np.uint8).tobytes())
    return images


def _codes(picture):
    """One number for the colour of each pixel, an array of shape (height, width)."""
    red, green, blue = np.moveaxis(picture.astype(np.int32), -1, 0)
    return (red << 16) | (green << 8) | blue


def _channels(codes):
    """Red, green and blue, shape (colours, 3), of colours that are one number each."""
    return np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1).astype(
        np.uint8
    )


def animated_png(frames, last):
    """The bytes of an animated PNG that plays these palette images once, then `last`.

    A viewer that knows no animation shows `last` alone.
    """
    return _apng(last, [*frames, last])


def film_of_changes(images):
    """The bytes of an animated PNG of palette images, which stops at the last one.

    After the first a frame holds what has changed, and is transparent elsewhere: where
    things move at several places this takes a quarter of the bytes.
    """
    palette = images[0].getpalette()
    unchanged = len(palette) // 3  # the index of a colour more
    palette = [*palette, *PLACEHOLDER]
    indices = [np.asarray(image) for image in images]
    frames = indices[:1] + [
        np.where(before == after, unchanged, after).astype(np.uint8)
        for before, after in itertools.pairwise(indices)
    ]
    last, *frames = map(PIL.Image.fromarray, [indices[-1], *frames])
    for image in (last, *frames):
        image.putpalette(palette)
    return _apng(last, frames, transparency=unchanged, blend=1)


def _apng(default, frames, **options):
    png = io.BytesIO()
    options |= {"save_all": True, "default_image": True, "loop": 1}
    default.save(
        png, "png", append_images=frames, duration=FRAME_MS, compress_level=9, **options
    )
    return png.getvalue()


def slow_motion(shown, finished, empty, frames=60):
    """An animated PNG in which the finished picture is uncovered from left to right.

    `finished` and `empty` are the figure's pixels, arrays (height, width, 3), with and
    without what depends on the setting; `shown` are its artists by the axes along which
    time runs. A ball runs along each line among them with the gid "V", and each mark
    with the gid "spikes" flashes when it is reached.
    """
    balls = [ink(COLORS["V"]), COLORS["spikes"]]
    finished, empty = few_colors([finished, empty], also=balls)
    uncovered, covering = np.asarray(finished), np.asarray(empty)
    palette = finished.getpalette()
    height = covering.shape[0]
    tracks = [_Track(ax, shown[ax], height, palette) for ax in shown]
    pictures = []
    for share in np.linspace(0, 1, frames):
        pixels = uncovered.copy()
        for track in tracks:
            covered = track.still_covered(share)
            pixels[covered] = covering[covered]
        picture = PIL.Image.fromarray(pixels)
        picture.putpalette(palette)
        pen = PIL.ImageDraw.Draw(picture)
        for track in tracks:
            track.mark(pen, share, 1 / frames)
        pictures.append(picture)
    return animated_png(pictures, finished)


class _Track:
    """What runs along the time axis of some axes, in pixels from the top left."""

    def __init__(self, ax, artists, height, palette):
        self.scale = ax.figure.dpi / 100
        self.left, self.right = ax.bbox.x0, ax.bbox.x1
        self.top, self.bottom = height - ax.bbox.y1, height - ax.bbox.y0
        self.lines, self.spikes = [], []
        for artist in artists:
            if artist.get_gid() == "V":
                x, y = artist.get_transform().transform(artist.get_xydata()).T
                color = _nearest(palette, ink(COLORS["V"]))
                self.lines.append((x, height - y, color))
            elif artist.get_gid() == "spikes":
                color = _nearest(palette, artist.get_edgecolor()[0])
                for x, y in spike_places(artist):
                    self.spikes.append((x, height - y, color))

    def still_covered(self, share):
        """The rows and columns that are not uncovered yet."""
        x = self._at(share)
        rows = slice(int(self.top), int(np.ceil(self.bottom)))
        return rows, slice(int(np.ceil(x)), int(np.ceil(self.right)))

    def mark(self, pen, share, step):
        """Draw the balls, and the spikes of the last step as flashes."""
        now, before = self._at(share), self._at(share - 2 * step)
        for x, y, color in self.spikes:
            if before < x <= now:
                _disc(pen, x, y, FLASH * self.scale, color)
        for x, y, color in self.lines:
            height = np.interp(now, x, y)
            if self.top <= height <= self.bottom:
                _disc(pen, now, height, BALL * self.scale, color)

    def _at(self, share):
        return self.left + share * (self.right - self.left)


def _disc(pen, x, y, radius, color):
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)


def _nearest(palette, color):
    """The index of the palette's colour that is nearest to this one."""
    shades = np.reshape(palette, (-1, 3))
    return int(np.abs(shades - _rgb(color)).sum(axis=1).argmin())


def _rgb(color):
    return np.round(255 * np.array(to_rgb(color))).astype(int)
