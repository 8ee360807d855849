"""Other simulators, with which the tests compare where they can be had."""

import importlib

import pytest


def peer(name):
    """The module of another simulator; skips the test, with the reason, without it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        pytest.skip(f"{name} is not installed (extra `peers`)")
    except Exception as error:  # installed, but made for other packages than these
        pytest.skip(f"{name} cannot be imported here: {error}")
