"""What several test files use."""

import pytest

import lif_live


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
