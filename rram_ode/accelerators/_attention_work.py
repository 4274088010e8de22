"""The work of an attention network by the counts of its techniques; reported figures.

The figures are those of the paper, of Stable Diffusion on MS-COCO and with memories and
a baseline of its own. They stand beside what is counted here and enter no result.
"""

import numpy as np

from ..energy import AttentionWork, Constant, sourced
from ._pssa import count_map_bits, MapBits, PSSA
from ._technique_score import Counts, TechniqueScore
from ._tips import RECTIFIED


ABSTRACT = "Choi et al., ISCAS 2024, arXiv 2403.04982 [abstract]"


REVIEW = "Choi et al., ISCAS 2024, arXiv 2403.04982 [a review of it]"


_OWN_BITS = 12, 8  # of an activation and of a weight that no technique rounds


CHOI_REPORTED: dict[str, Constant] = {
    "scores.energy.saved": sourced(0.603, "1", ABSTRACT),
    "external.energy.saved": sourced(0.378, "1", ABSTRACT),
    "tokens.low": sourced(0.448, "1", ABSTRACT),
    "rectified.efficiency.gain": sourced(0.430, "1", ABSTRACT),
    "peak.rate": sourced(3.84e12, "op/s", ABSTRACT, node=28e-9),
    "mean.power": sourced(225.6e-3, "W", ABSTRACT, node=28e-9),
    "iteration.energy": sourced(28.6e-3, "J", ABSTRACT, node=28e-9),
    "clip.loss": sourced(0.002, "1", REVIEW),
}


def map_bits(score: TechniqueScore, counts: Counts) -> MapBits | None:
    """Mean bits of a map of self-attention by code; `None` without PSSA."""
    pruned = [one for one in score.techniques if isinstance(one, PSSA)]
    if not pruned:
        return None
    return count_map_bits(
        score.score.num_tokens,
        pruned[0].width_of(score.score),
        np.asarray(counts["kept"]),
        np.asarray(counts["changed"]),
        pruned[0].value_bits,
    )


def count_attention(score: TechniqueScore, counts: Counts) -> AttentionWork:
    """Mean work of one evaluation for one sample (not under `jit`).

    Without PSSA maps are dense, and without TIPS all tokens have 12 bits.

    Args:
        score: The network and its techniques.
        counts: What its evaluations counted.
    """
    net = score.score
    tokens, blocks = net.num_tokens, net.num_blocks
    sizes = net.sizes()
    numbers = {net.number(b, name) for b in range(blocks) for name in RECTIFIED}
    rectified = sum(sizes[number].products for number in numbers)
    low = float(np.mean(counts["low"])) / tokens if "low" in counts else 0.0
    activation, weight = _OWN_BITS
    found = map_bits(score, counts)
    dense = float(tokens**2 * activation)
    one_map = dense if found is None else found.values + found.pssa
    return AttentionWork(
        high=(1 - low) * rectified,
        low=low * rectified,
        other=float(sum(size.products for size in sizes) - rectified),
        attention=float(net.attention_products),
        score_bits=blocks * one_map,
        weight_bits=float(weight * sum(layer.weights.size for layer in net.layers)),
        token_bits=float(activation * sum(one.inputs + one.sums for one in sizes)),
    )
