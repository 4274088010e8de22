"""Comparisons: each has a gate before any time. `python -m benchmarks --list`.

One script a comparison, named as on the command line; `_harness.py` times, `_result.py`
writes `results/NAME.json`. Times count only from a quiet machine: see the load in each
file. `python -m benchmarks.pages` writes the numbers into docs/results.md and into
README.md.
"""
