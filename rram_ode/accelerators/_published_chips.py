"""Published chips by the peak figures that their papers print."""

import dataclasses

from ..energy import Constant, sourced, Value, Values, Work
from ._base import AbstractMachine, named


@dataclasses.dataclass(frozen=True)
class PublishedChip(AbstractMachine):
    """A published chip by its best figure: joules per operation, operations per second.

    A peak: on a network this small no chip reaches it, so it is a lower bound.

    Args:
        name: Name of the machine in tables and in `--machines`.
        what: Description of the machine.
        constants: `operation`, and `rate` where one is public.
    """

    name: str
    what: str
    constants: dict[str, Constant]

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """Operations over the published peak rate."""
        del batch
        rate = f"{self.name}.rate"
        return work.operations / values[rate] if rate in self.constants else None

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Operations at the published peak efficiency."""
        del batch
        return {"operations": work.operations * values[f"{self.name}.operation"]}

    def wall_energy(self, work: Work, batch: int, values: Values) -> Value | None:
        """`None`: the wall power of a published chip is not known."""
        del work, batch, values
        return None


def _chip(name: str, what: str, **constants: Constant) -> PublishedChip:
    return PublishedChip(name, what, named(name, **constants))


PUBLISHED_CHIPS = (
    # R. Guo et al., ISSCC 2024, 20.2: denoising similarity in SRAM, 28 nm, BF16.
    _chip(
        "guo-20.2",
        "ISSCC 2024 20.2, 28 nm BF16, peak",
        operation=Constant(
            1 / 74.34e12,
            1 / 74.34e12,
            1 / 20e12,
            "J",
            "74.34 TFLOPS/W peak [title]; high end assumed",
            28e-9,
        ),
    ),
    # B. Keller et al.: per-vector scaled quantisation, 5 nm.
    _chip(
        "keller-vsq",
        "Keller et al., 5 nm VS-Quant, peak",
        operation=Constant(
            1 / 95.6e12,
            1 / 38.7e12,
            1 / 38.7e12,
            "J",
            "95.6 TOPS/W at 0.46 V, 38.7 on BERT at 0.67 V",
            5e-9,
            0.67,
        ),
    ),
    _chip(
        "picasso",
        "Picasso, 28 nm, end to end",
        operation=sourced(1 / 4.96e12, "J", "4.96 TOPS/W end to end", node=28e-9),
    ),
    # J. Choi et al., ISCAS 2024, arXiv 2403.04982: PSSA, TIPS, DBSC, 28 nm.
    _chip(
        "choi-sd",
        "Choi et al., 28 nm Stable Diffusion chip, mean power",
        operation=Constant(
            0.2256 / 3.84e12,
            0.2256 / 3.84e12,
            0.2256 / 1e12,
            "J",
            "225.6 mW mean over 3.84 TOPS peak [derived]; high end assumed",
            28e-9,
        ),
        rate=Constant(
            1e12, 3.84e12, 3.84e12, "op/s", "3.84 TOPS peak [abstract]; low end assumed"
        ),
    ),
    # AFPR-CIM: an RRAM macro with FP8 converters.
    _chip(
        "afpr-cim",
        "AFPR-CIM, RRAM, FP8, peak",
        operation=sourced(1 / 19.89e12, "J", "19.89 TFLOPS/W"),
        rate=sourced(1474.56e9, "op/s", "1474.56 GOPS"),
    ),
    # W. Wan et al., Nature 2022: NeuRRAM, 130 nm, 48 cores.
    _chip(
        "neurram",
        "NeuRRAM, 130 nm RRAM, 8 b out, 6 b in",
        operation=Constant(
            1 / 9.12e12,
            1 / 8.26e12,
            1 / 8.26e12,
            "J",
            "8.26 to 9.12 TOPS/W at 8 b out, 6 b in",
            130e-9,
            1.8,
        ),
        rate=Constant(
            0.26e12,
            0.418e12,
            0.418e12,
            "op/s",
            "Fig. 12: 0.26 to 0.418 TOPS on 48 cores",
        ),
    ),
)
