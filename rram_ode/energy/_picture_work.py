"""Operations and words of one evaluation of a network of pictures."""

from ..samplers import AbstractDigitalSampler
from ..scores import AbstractPictureScore
from ._work import in_steps, Work


# Per sum, assumed: bias, embedding, normalisation, activation and what a block adds
# to its input. The embedding of noise and class comes from a table.
ADDS, MULTS = 6, 4


def picture_work(score: AbstractPictureScore) -> Work:
    """Work of one evaluation for one sample, in which each weight is read once.

    Products of queries with keys, and of what they attend to, take no weights.
    """
    sizes, layers = score.sizes(), score.layers
    weights = sum(layer.weights.size for layer in layers)
    biases = sum(layer.bias.size for layer in layers)
    sums = sum(size.sums for size in sizes)
    inputs = sum(size.inputs for size in sizes)
    return Work(
        macs=sum(size.products for size in sizes) + score.attention_products,
        free_macs=score.attention_products,
        adds=ADDS * sums,
        mults=MULTS * sums + score.dim,
        weight_words=weights,
        table_words=2 * biases,
        activation_words=inputs + sums,
        launches=2 * len(layers),
        stored_words=weights + biases,
        stored_table_words=biases,
        live_words=score.dim + max(size.inputs + size.sums for size in sizes),
        widest=max(layer.weights.shape[1] for layer in layers),
    )


def picture_sampler_work(
    sampler: AbstractDigitalSampler, num_steps: int, score: AbstractPictureScore
) -> Work:
    """Work of one sample in `num_steps` steps."""
    once, embedded = picture_work(score), score.embedding.weights.shape[1]
    return in_steps(sampler, num_steps, once, score.dim, embedded)
