"""Settings of pytest for the whole project."""

import os
from pathlib import Path

import matplotlib

ROOT = Path(__file__).parent

os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")  # or jupyter_core warns
matplotlib.use("agg")  # in this process only; kernels draw into the notebook


def pytest_configure(config):
    # nbval reads the path relative to the current folder, wherever pytest was started.
    config.option.nbval_sanitize_with = str(ROOT / "tests" / "nbval_sanitize.cfg")
