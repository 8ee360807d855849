"""What several test files use."""

import functools

import matplotlib.pyplot as plt
import pytest

import lif_live
from notebooks import read, run, the_courses_style


@pytest.fixture(scope="session")
def runs():
    """One run of each notebook for all tests: called with its path, it gives its Run.

    A test that moves sliders resets them.
    """
    return functools.cache(lambda path: run(read(path)))


@pytest.fixture
def style():
    """Figures look as in a notebook; none is left open."""
    with the_courses_style():
        yield
    plt.close("all")


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still unless the test moves it."""

    class Clock:
        now = 1000.0

        def wait(self, seconds):
            self.now += seconds

    clock = Clock()
    monkeypatch.setattr(lif_live.time, "monotonic", lambda: clock.now)
    return clock
