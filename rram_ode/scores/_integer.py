"""A score network in an integer format, bit for bit as an integer engine has it."""

import jax
from jaxtyping import Array, Float, Int, Int32

from .._core._arrays import broadcast_columns, straight_through
from .._core._types import Scalar, State
from ..formats import FixedPoint, IntegerFormat
from ._base import AbstractScore
from ._network import for_width, NetworkScore


class IntegerScore(AbstractScore):
    r"""A `NetworkScore` whose layers compute with integers.

    Layer l has the codes $h$ of its input with the step $\Delta_h$, and the accumulator

    $$a_j = \sum_i w_{ij} h_i + \mathrm{round}\big((b_j + e_j(t)) / (\Delta_j
      \Delta_h)\big).$$

    Behind a hidden layer $\max(a_j, 0)$ times $\Delta_j \Delta_h / \Delta_h'$, one
    floating-point factor per column, is rounded to the codes of the next layer (the
    requantiser of ONNX's QLinearMatMul). The last layer's accumulators leave as
    $\Delta_j \Delta_h a_j$. The embedding is a table, read in units of the accumulator.

    The gradient is that of the network without rounding (straight-through).

    Make one by `in_format`.

    Args:
        score: The network.
        form: The format.
        codes: Codes of each layer's weights.
        units: Units of each layer's accumulators, for each column.
        factors: What each layer's accumulators are multiplied by, for each column: to
            codes of the next layer, or to the network's output.
        in_step: Step of the codes of the state in the first layer.
        state: Largest magnitude of the state.
    """

    score: NetworkScore
    form: IntegerFormat
    codes: tuple[Int32[Array, "_ _"], ...]
    units: tuple[Float[Array, " _"], ...]
    factors: tuple[Float[Array, " _"], ...]
    in_step: Scalar
    state: Scalar

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.score.dim

    @property
    def state_format(self) -> FixedPoint:
        """How a sampler stores the state."""
        return FixedPoint(self.form.state, self.state)

    @property
    def stored_bits(self) -> int:
        """Bits of weights and biases in memory (not under `jit`)."""
        weights = sum(codes.size for codes in self.codes)
        return self.form.stored_bits(weights, sum(unit.size for unit in self.units))

    def __call__(
        self, t: Scalar, x: State, *, label: Int[Array, "..."] | None = None
    ) -> State:
        """The score at `t` and `x`, shape `(dim, *samples)`; of its classes."""
        plain = self.score(t, x, label=label)
        flat = x.reshape(x.shape[0], -1)
        found = self.network_output(t, flat, label).reshape(x.shape)
        return straight_through(self.score.readout.factor(t) * found, plain)

    def network_output(
        self,
        t: Scalar,
        x: Float[Array, "dim samples"],
        label: Int[Array, "..."] | None = None,
    ) -> Float[Array, "dim samples"]:
        """The network's output for `x`, its factor included; `label` as in a call."""
        network, form = self.score.network, self.form
        network = network if label is None else network.of_class(label)
        embedding = network.embedding(t)
        places, last = x / self.in_step, len(self.codes) - 1
        for number, codes in enumerate(self.codes):
            drive = network.biases[number]
            if number < last:
                wave = for_width(embedding, drive.shape[0])
                drive = broadcast_columns(drive, wave) + wave
            h = form.activation_codes(places)
            sums = form.accumulate(
                codes, h, drive / broadcast_columns(self.units[number], drive)
            )
            sums = sums.as_float(x.dtype)
            sums = sums if number == last else jax.nn.relu(sums)
            places = sums * broadcast_columns(self.factors[number], sums)
        return places


def in_format(
    score: NetworkScore,
    form: IntegerFormat,
    state: Scalar,
    hidden: tuple[Scalar, ...],
) -> IntegerScore:
    """`score` in an integer format.

    Args:
        score: The trained network.
        form: The format.
        state: Largest magnitude of the state while the network generates.
        hidden: Largest activation of each hidden layer, such as a checkpoint's
            `ranges.hidden`. What passes it is clipped.

    Raises:
        ValueError: If `hidden` has another number of layers than the network.
    """
    if len(hidden) != len(score.network.widths):
        raise ValueError(
            f"`hidden` must have one range for each of {len(score.network.widths)} "
            f"hidden layers; got {len(hidden)}."
        )
    network = score.network
    codes, columns = zip(*map(form.weight_codes, network.weights), strict=True)
    inputs = [form.activation_step(scale) for scale in (state, *hidden)]
    # All scales are made here, one product each: within the program of a solve XLA
    # would order several as it likes, to other last bits.
    units = [own * step for own, step in zip(columns, inputs, strict=True)]
    factors = [unit / step for unit, step in zip(units, inputs[1:], strict=False)]
    factors.append(network.output_factor * units[-1])
    return IntegerScore(
        score, form, codes, tuple(units), tuple(factors), inputs[0], state
    )
