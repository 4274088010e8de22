"""The paper's two networks as work of a digital machine, and what is not known of them.

Sizes are those of the authors' code. Unconditional: 2-14-14-2. Conditional: the same,
with a class embedding 3-14-14 whose result joins the time embedding of both layers,
and once per sample the decoder of the variational autoencoder, which turns a latent of
2 coordinates into 12 x 12 pixels.
"""

import dataclasses

import equinox as eqx
import jax.random as jr

from ...accelerators import AbstractMachine
from ...energy import Constant, Constants, sampler_work, Value, Values, Work
from ...samplers import Euler
from ...scores import fourier_mlp, FourierMLP


TASKS = ("unconditional", "conditional")


STEPS = {"unconditional": 10_000, "conditional": 5_000}  # of the authors' sampling


PAPER: dict[str, Constant] = {
    "paper.steps": Constant(
        20.0,
        50.0,
        100.0,
        "1",
        "assumed: steps of Euler of equal quality; the authors' ring needs 20 to 50, "
        "their letters are taken to need as many",
    ),
    "paper.guidance": Constant(
        1.0,
        1.0,
        2.0,
        "1",
        "assumed: evaluations per step; the authors sample with weight 0, which needs "
        "one, and any other weight needs two",
    ),
    "paper.class_embeddings": Constant(
        0.0,
        1.0,
        1.0,
        "1",
        "assumed: fraction of the evaluations that compute the class embedding; the "
        "authors' code computes it in each, once per sample is enough",
    ),
    "paper.decoder": Constant(
        0.5,
        1.0,
        2.0,
        "1",
        "assumed: work of the decoder over that of a mirrored encoder 144-16-2 with "
        "two 3 x 3 convolutions of stride 2 and 8 and 16 channels",
    ),
}


GELU = 8  # operations for one value, by a polynomial of tanh: assumed


def paper_network() -> FourierMLP:
    """The shapes of the paper's 2-14-14-2 network, without numbers."""
    return eqx.filter_eval_shape(
        lambda key: fourier_mlp(2, (14, 14), key=key), jr.key(0)
    )


def is_paper_network(network: FourierMLP) -> bool:
    """Whether `network` has the size of the paper's."""
    sizes = lambda each: (each.dim, *each.widths)
    return sizes(network) == sizes(paper_network())


def embedding_work() -> Work:
    """Work of the class embedding, 3-14-GELU-14, and its addition to two layers."""
    first, second = 3 * 14, 14 * 14
    return Work(
        macs=first + second,
        adds=2 * 14 + 2 * 14 + GELU * 14,
        weight_words=first + second,
        table_words=2 * 14,
        activation_words=2 * (3 + 2 * 14),
        launches=5,
        stored_words=first + second + 2 * 14,
        live_words=2 * 14,
        widest=14,
    )


def decoder_work() -> Work:
    """Work of the mirrored decoder: 2-16-144, then 16 to 8 to 1 channels at 3 x 3.

    Each of the two transposed convolutions doubles the side, from 3 to 6 to 12; an
    input value meets each weight of its channel once.
    """
    dense = [(2, 16), (16, 144)]
    convolutions = [(3 * 3, 16, 8), (6 * 6, 8, 1)]  # positions, channels in and out
    kernels = [9 * into * out for _, into, out in convolutions]
    products = [positions * 9 * i * o for positions, i, o in convolutions]
    pixels = [36 * 8, 144]
    stored = sum(i * o for i, o in dense) + sum(kernels)
    biases = 16 + 144 + 8 + 1
    outputs = 16 + 144 + sum(pixels)
    return Work(
        macs=sum(i * o for i, o in dense) + sum(products),
        adds=2 * outputs,  # a bias, and a ReLU or a sigmoid from a table
        weight_words=stored,
        table_words=biases,
        activation_words=2 * (2 + outputs),
        launches=8,
        stored_words=stored + biases,
        live_words=144 + 36 * 8,
        widest=144,
    )


@dataclasses.dataclass(frozen=True)
class PaperSampler:
    """A digital sampler of one of the paper's two tasks: Euler on its network.

    Args:
        task: `unconditional` or `conditional`.
    """

    task: str

    def __post_init__(self):
        if self.task not in TASKS:
            raise ValueError(f"`task` must be {' or '.join(TASKS)}; got `{self.task}`.")

    @property
    def what(self) -> str:
        """Description of what is counted."""
        if self.task == "unconditional":
            return "2-14-14-2"
        return "2-14-14-2, class embedding 3-14-14, decoder 2-16-144-8-1"

    def takes(
        self,
        machine: AbstractMachine,
        quantity: str,
        num_steps: Value | int,
        values: Values,
    ) -> Value:
        """Seconds or joules per sample at batch 1.

        Args:
            machine: The digital machine; its time is known.
            quantity: `speed` for seconds, `energy` for operations times energy.
            num_steps: Number of steps, a number or an array of samples.
            values: Value of each constant, those in `PAPER` included.
        """
        guided = 1.0 if self.task == "unconditional" else values["paper.guidance"]
        terms = [(self._step(), num_steps * guided)]
        if self.task == "conditional":
            embeddings = num_steps * guided * values["paper.class_embeddings"]
            terms += [
                (embedding_work(), embeddings),
                (decoder_work(), values["paper.decoder"]),
            ]
        stored = sum(work.stored_words for work, _ in terms)
        total: Value = 0.0
        for work, times in terms:
            job = dataclasses.replace(work, stored_words=stored)
            total = total + times * _amount(machine, quantity, job, values)
        return total

    def _step(self) -> Work:
        """One step of Euler, with the table of as many steps as the authors take."""
        network, table = paper_network(), STEPS[self.task] * (14 + 3) + 30
        step = sampler_work(Euler(), 1, network)
        return dataclasses.replace(step, stored_table_words=table)


def with_paper(table: Constants) -> dict[str, Constant]:
    """`table` with the assumptions on the paper's networks that it lacks."""
    return {**PAPER, **table}


def _amount(machine: AbstractMachine, quantity: str, work: Work, values: Values):
    if quantity == "speed":
        seconds = machine.seconds(work, 1, values)
        assert seconds is not None  # the caller picks a machine whose time is known
        return seconds
    return sum((machine.operations_energy(work, 1, values) or {}).values())
