"""Repeats of a run: how the same chip is run again, on samples of its own."""

import dataclasses
from collections.abc import Callable

import numpy as np

from .._core._types import Times
from ..chip import Chip
from ._run import Run
from ._store import Store
from ._system import System
