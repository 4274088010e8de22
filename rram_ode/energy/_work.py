"""Operations and words of a digital sampler, counted from its network's shapes."""

import dataclasses

from ..config import PowerConfig
from ..samplers import (
    AbstractDigitalSampler,
    Ancestral,
    DPMSolverPlusPlus,
    Euler,
    EulerMaruyama,
    Heun,
    Tsit5,
)
from ..scores import FourierMLP


@dataclasses.dataclass(frozen=True)
class Work:
    """Operations and words of a digital machine for one sample.

    Args:
        macs: Number of multiplications with addition.
        free_macs: Those of them that take no weight, as in attention.
        adds: Number of plain additions, with a ReLU's comparison as one.
        mults: Number of plain multiplications.
        weight_words: Words of weights that are read.
        table_words: Words of biases, time embedding and schedule that are read.
        activation_words: Words of activations that are written and read.
        launches: Number of programs that a processor starts per batch.
        normals: Number of normal random numbers.
        stored_words: Distinct weights and biases, which a memory must hold.
        stored_table_words: Distinct words of the tables, which a memory must hold.
        live_words: Largest number of activations that one sample holds at a time.
        widest: Largest number of columns of a layer.
        samples_per_loading: Number of samples that one loading of the weights serves,
            as many as share one programming of an analog chip.
    """

    macs: int
    free_macs: int = 0
    adds: int = 0
    mults: int = 0
    weight_words: int = 0
    table_words: int = 0
    activation_words: int = 0
    launches: int = 0
    normals: int = 0
    stored_words: int = 0
    stored_table_words: int = 0
    live_words: int = 0
    widest: int = 0
    samples_per_loading: float = PowerConfig().programming_samples

    @property
    def operations(self) -> int:
        """Number of operations; a multiplication with addition counts as two."""
        return 2 * self.macs + self.adds + self.mults

    def __add__(self, other: "Work") -> "Work":
        """Work of both, one after the other, on the same stored words."""
        counts = {name: getattr(self, name) + getattr(other, name) for name in _COUNTS}
        sizes = {
            name: max(getattr(self, name), getattr(other, name)) for name in _SIZES
        }
        return dataclasses.replace(self, **counts, **sizes)

    def __mul__(self, times: int) -> "Work":
        """The same work `times` times, on the same stored words."""
        counts = {name: times * getattr(self, name) for name in _COUNTS}
        return dataclasses.replace(self, **counts)


_SIZES = ("stored_words", "stored_table_words", "live_words", "widest")


_COUNTS = tuple(
    field.name
    for field in dataclasses.fields(Work)
    if field.name not in (*_SIZES, "samples_per_loading")
)


def evaluation_work(network: FourierMLP) -> Work:
    """Work of one evaluation of the network for one sample.

    The embedding depends on time alone and is read from a table. A conditional network
    adds that of the class, from another table, to each hidden column. A layer takes two
    launches: the product, and what follows it.
    """
    shapes = [w.shape for w in network.weights]
    cols, hidden = sum(c for _, c in shapes), sum(network.widths)
    macs = sum(r * c for r, c in shapes)
    embedded = hidden if network.classes is None else 2 * hidden
    return Work(
        macs=macs,
        adds=cols + embedded + hidden,
        mults=network.dim,
        weight_words=macs,
        table_words=cols + embedded,
        activation_words=2 * (network.dim + cols),
        launches=2 * len(shapes),
        stored_words=macs + cols,
        stored_table_words=cols + max(network.widths) + _class_words(network),
        live_words=network.dim + max(r + c for r, c in shapes),
        widest=max(c for _, c in shapes),
    )


# Multiplications and additions per coordinate and step, without the evaluations.
_UPDATES: dict[type[AbstractDigitalSampler], tuple[int, int]] = {
    Euler: (3, 2),
    Heun: (6, 5),
    DPMSolverPlusPlus: (6, 4),
    EulerMaruyama: (4, 3),
    Ancestral: (4, 3),
    Tsit5: (36, 30),
}


def _class_words(network: FourierMLP) -> int:
    """Distinct words of the embeddings of all classes; 0 for an unconditional one."""
    classes = network.classes
    return 0 if classes is None else classes.num_classes * max(network.widths)


def sampler_work(
    sampler: AbstractDigitalSampler, num_steps: int, network: FourierMLP
) -> Work:
    """Work of one sample in `num_steps` steps.

    The table holds the embedding at the time of each evaluation, and three words of the
    schedule per step. Guidance, which takes two evaluations for one, is not counted.
    """
    columns = sum(w.shape[1] for w in network.weights)
    table = columns + _class_words(network)
    once = dataclasses.replace(evaluation_work(network), stored_table_words=table)
    return in_steps(sampler, num_steps, once, network.dim, max(network.widths))


def in_steps(
    sampler: AbstractDigitalSampler, num_steps: int, once: Work, dim: int, embedded: int
) -> Work:
    """Work of one sample in `num_steps` steps of evaluations that each take `once`.

    Args:
        sampler: The method.
        num_steps: Number of its steps.
        once: Work of an evaluation, and the words of the tables that all share.
        dim: Number of coordinates of the state.
        embedded: Words of the embedding of one time.
    """
    mults, adds = _UPDATES[type(sampler)]
    is_noisy = isinstance(sampler, Ancestral | EulerMaruyama)
    update = Work(
        macs=0,
        adds=adds * dim,
        mults=mults * dim,
        table_words=3,
        activation_words=2 * dim,
        launches=1,
        normals=dim if is_noisy else 0,
    )
    times = sampler.num_evaluations(num_steps)
    table = once.stored_table_words + times * embedded + 3 * num_steps
    work = once * times + update * num_steps
    return dataclasses.replace(work, stored_table_words=table)
