"""The sample-and-hold that keeps a start until the solve begins."""

import equinox as eqx
from jaxtyping import Array, Float

from .._draws import normal
from .._misc import non_negative, scalar
from .._types import Key
from ._integrator import FeedbackIntegrator


class StartHold(eqx.Module):
    r"""Each start is charged onto its integrator's own capacitor and held there.

    The capacitor is off by $(q - I t) / (C (1 + \epsilon))$ when the solve begins: the
    charge $q$ that the opening switch injects, one for each channel of a chip, and the
    droop of a leakage current that does not depend on the voltage. Assumptions: of $q$
    only the spread is left (a mean would be trimmed in the DAC), and the junctions'
    leakage is the same for all channels. What the integrator's own `leak` takes while
    a start is held is not in it.

    Args:
        injection: Spread of $q$, in coulombs.
        leakage: $I$, out of the capacitor, in amperes.
        duration: $t$, from the switch's opening to the solve, in seconds.
    """

    injection: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    leakage: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    duration: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("start.injection", self.injection, "C")
        non_negative("start.leakage", self.leakage, "A")
        non_negative("start.hold", self.duration, "s")

    def fabricate(
        self, integrator: FeedbackIntegrator, dim: int, *, key: Key
    ) -> Float[Array, " dim"]:
        """What one chip's starts are off by, in volts."""
        charge = self.injection * normal(key, (dim,)) - self.leakage * self.duration
        return charge / (integrator.capacitance * (1 + integrator.mismatch))
