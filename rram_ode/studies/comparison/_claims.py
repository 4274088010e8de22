"""The paper's claims: the baseline that each needs beside what our models give.

A claim is a ratio of a digital baseline to the analog machine. The baseline is not
public, so each ratio is solved for it, and the solution is compared with the range that
sourced constants give. A solved input never counts as reproduced. Figures are those of
the abstracts of arXiv 2404.05648v1, IEDM 2024 and Nature Communications 2026. The
baselines run the paper's own two networks, whatever network a comparison is about.
"""

import dataclasses
from typing import Any

from ...accelerators import AbstractMachine
from ...energy import Constants, propagate, Spread, Value, Values
from ._paper import PaperSampler, STEPS, with_paper


SOLVE, ENERGY = 20e-6, 7.2e-6


ANALOG = "20 us and 7.2 uJ a sample (arXiv v1, second hand; IEDM 2024 abstract)"


@dataclasses.dataclass(frozen=True)
class Claim:
    """One printed figure.

    Args:
        version: Version of the paper.
        task: `unconditional` or `conditional`.
        quantity: `speed` or `energy`.
        printed: The figure as it is printed.
        ratio: Ratio of baseline to analog that the figure stands for.
        given: Figures that are printed beside it, and how they relate to it.
    """

    version: str
    task: str
    quantity: str
    printed: str
    ratio: float
    given: str

    @property
    def solved(self) -> float:
        """Seconds or joules per sample that the baseline must take."""
        return self.ratio * (SOLVE if self.quantity == "speed" else ENERGY)


_V1, _IEDM, _JOURNAL = "arXiv v1", "IEDM 2024", "Nat. Commun. 2026"


_UNSEEN = "no baseline, and no analog figure of this version; v1's is taken"


CLAIMS = (
    Claim(_V1, "unconditional", "speed", "64.8x", 64.8, "no baseline"),
    Claim(_V1, "conditional", "speed", "156.5x", 156.5, "no baseline"),
    Claim(_V1, "unconditional", "energy", "5.2x", 5.2, "-80.8 % = 1 - 1 / 5.2"),
    Claim(_V1, "conditional", "energy", "4.1x", 4.1, "-75.6 % = 1 - 1 / 4.1"),
    Claim(_JOURNAL, "unconditional", "speed", "69.0x", 69.0, _UNSEEN),
    Claim(_JOURNAL, "conditional", "speed", "116.5x", 116.5, _UNSEEN),
    Claim(_JOURNAL, "unconditional", "energy", "-31.5 %", 1 / (1 - 0.315), _UNSEEN),
    Claim(_JOURNAL, "conditional", "energy", "-52.0 %", 1 / (1 - 0.52), _UNSEEN),
    Claim(
        _IEDM, "conditional", "speed", "150x", 150.0, "3.0 ms / 0.02 ms = 150, exact"
    ),
    Claim(
        _IEDM,
        "conditional",
        "energy",
        "22.5 uJ against 7.2 uJ",
        22.5 / 7.2,
        "22.5 / 7.2 = 3.125; v1 says 4.1 for the same 7.2 uJ",
    ),
)


@dataclasses.dataclass(frozen=True)
class CheckedClaim:
    """A claim's solved baseline beside what a machine takes at two numbers of steps.

    Args:
        claim: The claim.
        machine: Description of the machine that the claim is compared with.
        authors: The machine's time or energy at the steps of the authors' code.
        equal: The machine's time or energy at the steps that equal quality needs.
        num_equal: Number of steps that equal quality needs.
        origin: Where that number comes from.
    """

    claim: Claim
    machine: str
    authors: Spread
    equal: Spread
    num_equal: float
    origin: str

    def verdict(self, spread: Spread) -> str:
        """Whether the solved baseline lies in `spread`; never "reproduced"."""
        factor = self.claim.solved / spread.nominal
        if spread.low <= self.claim.solved <= spread.high:
            return "possible"
        return f"{factor:.3g} times the model's"

    def as_dict(self) -> dict[str, Any]:
        """Row of the JSON report."""
        claim, unit = self.claim, "s" if self.claim.quantity == "speed" else "J"
        return {
            "version": claim.version,
            "task": claim.task,
            "quantity": claim.quantity,
            "printed": claim.printed,
            "ratio": claim.ratio,
            "given": claim.given,
            "analog": ANALOG,
            "solved_input": f"the baseline, in {unit} per sample",
            "solved": claim.solved,
            "held_against": self.machine,
            "network": PaperSampler(claim.task).what,
            "steps_authors": STEPS[claim.task],
            **_ends("at_authors_steps", self.authors),
            "verdict_authors": self.verdict(self.authors),
            "steps_equal_quality": self.num_equal,
            "steps_equal_quality_from": self.origin,
            **_ends("at_equal_quality", self.equal),
            "verdict_equal_quality": self.verdict(self.equal),
            "ratio_at_equal_quality": self.equal.nominal * claim.ratio / claim.solved,
            "reproduced": "no: the baseline is solved for",
        }


def check_claims(
    processor: AbstractMachine,
    engine: AbstractMachine,
    table: Constants,
    num_equal: int | None = None,
    task: str = "unconditional",
) -> list[CheckedClaim]:
    """Compare each claim with a model: `processor` for speed, `engine` for energy.

    Both run the paper's networks at batch 1. The paper's energy baseline of 7.5 mW is
    too small for a whole processor, so it is compared with operations times energy.

    Args:
        processor: Machine whose seconds are compared.
        engine: Machine whose operations times energy are compared.
        table: The constants; those of `PAPER` are added where they are missing.
        num_equal: Steps of Euler that equal the chip on the paper's network of `task`,
            if a comparison found them; else `paper.steps` and its range.
        task: Whose steps `num_equal` are, `unconditional` or `conditional`.
    """
    table, found = with_paper(table), []
    known: dict[tuple[str, str], tuple[Spread, Spread]] = {}
    for claim in CLAIMS:
        machine = processor if claim.quantity == "speed" else engine
        steps = num_equal if claim.task == task else None
        kind = claim.task, claim.quantity
        if kind not in known:
            known[kind] = (
                _baseline(*kind, machine, STEPS[claim.task], table),
                _baseline(*kind, machine, steps, table),
            )
        assumed = table["paper.steps"]
        number = assumed.nominal if steps is None else float(steps)
        origin = assumed.source if steps is None else "found by this comparison"
        found.append(CheckedClaim(claim, machine.what, *known[kind], number, origin))
    return found


def _baseline(
    task: str,
    quantity: str,
    machine: AbstractMachine,
    num_steps: int | None,
    table: Constants,
) -> Spread:
    """What `machine` takes in `num_steps` steps, or in those of `paper.steps`."""
    sampler = PaperSampler(task)

    def model(values: Values) -> Value:
        steps = values["paper.steps"] if num_steps is None else num_steps
        return sampler.takes(machine, quantity, steps, values)

    return propagate(model, table)


def _ends(name: str, spread: Spread) -> dict[str, float]:
    return {
        name: spread.nominal,
        f"{name}_low": spread.low,
        f"{name}_high": spread.high,
    }
