"""What a short file says of a network that was trained elsewhere."""

import json
import math
import pathlib
import tomllib
from dataclasses import dataclass
from typing import Any

from .._core._own_files import read_file


EXAMPLE = (
    "prediction = 'noise', activation = 'relu', output_factor = 1.0, frequencies = "
    "'embed.W', data = 'ring', and under [schedule] beta_min = 0.1, beta_max = 8.0"
)


PREDICTIONS = ("score", "noise", "velocity")


WAVES = ("sin, cos", "cos, sin")


SCHEDULE = {
    "beta_min": None,
    "beta_max": None,
    "beta_factor": 1.0,
    "start_std": 1.0,
    "t0": 1e-3,
    "t1": 1.0,
}


KEYS = (
    "prediction",
    "activation",
    "output_factor",
    "frequencies",
    "frequency_factor",
    "embedding",
    "classes",
    "weights",
    "biases",
    "transposed",
    "ignore",
    "data",
    "schedule",
    "points",
)


LARGEST = 2**16  # bytes of a layout; a list of frequencies is far shorter (assumed)


LONGEST_LINE = 2**14  # of TOML, as names with ten thousand dots take minutes


@dataclass(frozen=True)
class ClassLayout:
    """Where a network has its classes: a table, or two layers behind a one-hot.

    The embedding of a class is added to that of time, at each hidden layer.

    Args:
        table: Name of a tensor `(classes, width)`.
        hidden: Name of the weights of a dense layer of the one-hot, GELU behind it.
        output: Name of the weights of the dense layer behind that.
        null_row: Row of the null label, which training puts in place of a dropped
            label; `None` if nothing is added for it.
    """

    table: str | None = None
    hidden: str | None = None
    output: str | None = None
    null_row: int | None = None


@dataclass(frozen=True)
class Layout:
    """A network of another program, in the words of its user.

    Args:
        prediction: What it predicts: score, noise or velocity.
        activation: Of its hidden layers, which must be relu.
        frequencies: Of the time embedding: the name of a tensor, or the numbers.
        data: What it generates: a data set by name, or a file of points.
        schedule: `beta_min` and `beta_max` of its training (none for a velocity), and
            `beta_factor`, `start_std`, `t0`, `t1` of its sampling.
        output_factor: Factor on its output.
        frequency_factor: Factor on the frequencies in sin(2 pi w t); 1 / (2 pi) where
            the network has sin(w t).
        embedding: Which half of the units has sines: "sin, cos" or "cos, sin".
        weights: Names of the layers' weights; `None` for all matrices in order.
        biases: Names of their biases; `None` for those of the same names.
        transposed: Whether weights have inputs on rows, against PyTorch.
        ignore: Names of tensors that are no part of the network.
        points: `centre` and `scale` of its states, x = centre + scale z, where `data`
            is a file; `None` for those of the file.
        classes: Of a conditional network; `None` for an unconditional one.
    """

    prediction: str
    activation: str
    frequencies: str | tuple[float, ...]
    data: str
    schedule: dict[str, float | None]
    output_factor: float = 1.0
    frequency_factor: float = 1.0
    embedding: str = "sin, cos"
    weights: tuple[str, ...] | None = None
    biases: tuple[str, ...] | None = None
    transposed: bool = False
    ignore: tuple[str, ...] = ()
    points: dict[str, tuple[float, ...]] | None = None
    classes: ClassLayout | None = None


def read_layout(path: pathlib.Path) -> Layout:
    """The layout in a TOML or JSON file.

    Raises:
        ValueError: If the file cannot be read as one, a key is missing or unknown, or a
            value does not suit; the text is one line.
        OSError: If it cannot be read.
    """
    data = read_file(path, LARGEST)
    try:
        text = data.decode("utf-8")
        if path.suffix.lower() == ".json":
            found = json.loads(text)
        else:
            _require_short_lines(text)
            found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"`{path}` cannot be read as TOML, or JSON by its ending: {error}. It "
            f"holds {EXAMPLE}."
        ) from error
    try:
        return parse_layout(found)
    except ValueError as error:
        raise ValueError(f"`{path}`: {error}") from error


def _require_short_lines(text: str) -> None:
    longest = max(map(len, text.splitlines()), default=0)
    if longest > LONGEST_LINE:
        raise ValueError(
            f"a line must have at most {LONGEST_LINE} characters; one has {longest}: "
            "write a list in more lines"
        )


def parse_layout(found: Any) -> Layout:
    """The layout of plain data.

    Raises:
        ValueError: As `read_layout`.
    """
    if not isinstance(found, dict):
        raise ValueError(f"a layout has names and values: {EXAMPLE}.")
    unknown = [name for name in found if name not in KEYS]
    if unknown:
        raise ValueError(
            f"no key `{unknown[0]}` in a layout; there are {', '.join(KEYS)}."
        )
    missing = [n for n in ("prediction", "activation", "data") if n not in found]
    if missing:
        raise ValueError(f"a layout must have `{missing[0]}`; it holds {EXAMPLE}.")
    if "frequencies" not in found:
        raise ValueError(
            "a layout must have `frequencies` of the time embedding, the name of a "
            "tensor or a list of numbers: each hidden layer is relu(W h + b + (sin 2 "
            "pi w t, cos 2 pi w t))."
        )
    prediction, activation = found["prediction"], str(found["activation"]).lower()
    if prediction not in PREDICTIONS:
        raise ValueError(
            f"`prediction` must be one of {', '.join(PREDICTIONS)}; got {prediction!r}."
        )
    if activation != "relu":
        raise ValueError(
            f"`activation` is {activation}, and the hidden units of the chip are "
            "rectifiers: a network with SiLU, GELU or another function cannot be "
            "written to it. Put ReLU in its place, train on until the loss is back, "
            "and import that; or train one by `python -m rram_ode.train`."
        )
    embedding = found.get("embedding", WAVES[0])
    if embedding not in WAVES:
        raise ValueError(f"`embedding` must be one of {WAVES}; got {embedding!r}.")
    if not isinstance(transposed := found.get("transposed", False), bool):
        raise ValueError(f"`transposed` must be true or false; got {transposed!r}.")
    frequencies = found["frequencies"]
    if not isinstance(frequencies, str):
        frequencies = _numbers("frequencies", frequencies)
    return Layout(
        prediction,
        activation,
        frequencies,
        str(found["data"]),
        _schedule(found.get("schedule", {}), prediction),
        _number("output_factor", found.get("output_factor", 1.0)),
        _number("frequency_factor", found.get("frequency_factor", 1.0)),
        embedding,
        _names("weights", found.get("weights")),
        _names("biases", found.get("biases")),
        transposed,
        _names("ignore", found.get("ignore")) or (),
        _points(found.get("points")),
        _classes(found.get("classes")),
    )


def _schedule(given: Any, prediction: str) -> dict[str, float | None]:
    if not isinstance(given, dict) or any(name not in SCHEDULE for name in given):
        raise ValueError(f"`schedule` may have {', '.join(SCHEDULE)}; got {given}.")
    if prediction == "velocity":
        if "beta_min" in given or "beta_max" in given:
            raise ValueError(
                "`schedule` has betas, and a velocity has a straight path without any: "
                "leave them out."
            )
    elif "beta_min" not in given or "beta_max" not in given:
        raise ValueError(
            "`schedule` must have `beta_min` and `beta_max` of the training: beta(t) = "
            "beta_min + t (beta_max - beta_min), t from 0 to 1."
        )
    values = {n: _number(f"schedule.{n}", v) for n, v in given.items()}
    return {**SCHEDULE, **values}


def _points(given: Any) -> dict[str, tuple[float, ...]] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or sorted(given) != ["centre", "scale"]:
        raise ValueError(f"`points` must have `centre` and `scale`; got {given}.")
    return {n: _numbers(f"points.{n}", v) for n, v in given.items()}


def _classes(given: Any) -> ClassLayout | None:
    if given is None:
        return None
    rule = (
        "`classes` must have `table`, the name of a tensor, or `hidden` and `output`, "
        "those of two layers' weights, and may have `null_row`, a number"
    )
    names = set(given) - {"null_row"} if isinstance(given, dict) else set()
    row = given.get("null_row") if isinstance(given, dict) else None
    is_row = row is None or (isinstance(row, int) and not isinstance(row, bool))
    if names not in ({"table"}, {"hidden", "output"}) or not is_row:
        raise ValueError(f"{rule}; got {given}.")
    if not all(isinstance(given[name], str) for name in names):
        raise ValueError(f"{rule}; got {given}.")
    return ClassLayout(**given)


def _number(name: str, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):
        raise ValueError(f"`{name}` must be a finite number; got {value!r}.")
    return float(value)


def _numbers(name: str, values: Any) -> tuple[float, ...]:
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"`{name}` must be a list of numbers; got {values!r}.")
    return tuple(_number(name, value) for value in values)


def _names(name: str, values: Any) -> tuple[str, ...] | None:
    if values is None:
        return None
    is_list = isinstance(values, list | tuple)
    if not is_list or not all(isinstance(value, str) for value in values):
        raise ValueError(
            f"`{name}` must be a list of names of tensors; got {values!r}."
        )
    return tuple(values)
