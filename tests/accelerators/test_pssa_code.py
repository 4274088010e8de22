"""The bits of PSSA: back to the same map, and how many there are."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.accelerators import changes, count_map_bits, decode_map, encode_map


def counted(ones):
    own, changed = map(np.asarray, ones)
    return own, changed


def ones_of(kept, width):
    """Ones of a map and of its changes."""
    return kept.sum(), int(changes(jnp.asarray(kept)[None], width).sum())


def gaussian_map(side=32, sigma=1.5):
    """Attention by distance in the picture alone, each row adding up to one."""
    at = np.stack(np.meshgrid(*[np.arange(side)] * 2, indexing="ij")).reshape(2, -1)
    square = ((at[:, :, None] - at[:, None, :]) ** 2).sum(0)
    weights = np.exp(-square / (2 * sigma**2))
    return weights / weights.sum(1, keepdims=True)


def random_map(density, tokens, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2**12, (tokens, tokens)), (
        rng.random((tokens, tokens)) < density
    )


@pytest.mark.parametrize("width", [1, 2, 3, 8, 16, 48])
@pytest.mark.parametrize("density", [0.0, 0.05, 0.6, 1.0])
def test_a_map_comes_back_bit_for_bit(width, density):
    codes, kept = random_map(density, 48)
    encoded = encode_map(codes, kept, width, 12)
    found, where = decode_map(encoded)
    np.testing.assert_array_equal(where, kept)
    np.testing.assert_array_equal(found, np.where(kept, codes, 0))
    # As many bits as the count says, value by value.
    bits = count_map_bits(48, width, *counted(ones_of(kept, width)))
    assert encoded.index_bits == bits.pssa
    assert encoded.values.size == bits.values


def test_one_wrong_bit_is_seen():
    codes, kept = random_map(0.3, 48)
    encoded = encode_map(codes, kept, 16, 12)
    bits = encoded.values.copy()
    bits[17] ^= True
    found, where = decode_map(encoded._replace(values=bits))
    np.testing.assert_array_equal(where, kept)
    assert (found != np.where(kept, codes, 0)).sum() == 1
    # A wrong column moves ones of its patch and of all behind it: too many values.
    bits = encoded.columns.copy()
    bits[17] ^= True
    with pytest.raises(ValueError, match="reshape"):
        decode_map(encoded._replace(columns=bits))


def test_a_code_without_differences_is_another():
    """The mutant: a map whose patches are not differences does not come back."""
    weights = gaussian_map(16)
    kept = weights >= 1 / 256
    plain = kept.reshape(256, 16, 16).copy()
    plain[:, 1:] ^= plain[:, :-1]  # what the encoder stores, read as a map itself
    codes = np.round(weights * 4095).astype(int)
    right = decode_map(encode_map(codes, kept, 16, 12))[1]
    wrong = decode_map(encode_map(codes, plain.reshape(256, 256), 16, 12))[1]
    np.testing.assert_array_equal(right, kept)
    assert (wrong != kept).any()


def test_index_bits_of_attention_by_distance():
    """N = 1024, sigma 1.5 pixels, threshold 1 / 1024: 0.47 of CSR, 0.26 of a bitmap."""
    weights = gaussian_map()
    kept = weights >= 1 / 1024
    codes = np.round(weights * 4095).astype(int)
    encoded = encode_map(codes, kept, 32, 12)
    bits = count_map_bits(1024, 32, *counted(ones_of(kept, 32)))
    assert encoded.index_bits == bits.pssa
    assert bits.pssa < 0.6 * bits.csr
    assert bits.pssa < 0.4 * bits.bitmap
    assert bits.pssa / bits.csr == pytest.approx(0.47, abs=0.01)
    assert bits.pssa / bits.bitmap == pytest.approx(0.26, abs=0.01)
    # Mutants: sparse patches without differences; tokens in another order.
    assert bits.local > 0.6 * bits.csr
    order = np.random.default_rng(0).permutation(1024)
    mixed = ones_of(kept[:, order], 32)
    assert count_map_bits(1024, 32, *counted(mixed)).pssa > 0.6 * bits.csr


@pytest.mark.parametrize("density", [0.05, 0.2, 0.5])
def test_random_maps_gain_nothing(density):
    """Neighbours that have nothing in common differ in 2 p (1 - p) of their bits."""
    tokens, width, maps = 256, 16, 40
    kept = jr.bernoulli(jr.key(3), density, (maps, tokens, tokens))
    found = np.asarray(changes(kept, width))[:, :, width:].mean(axis=(1, 2))
    error = found.std(ddof=1) / np.sqrt(maps)
    assert abs(found.mean() - 2 * density * (1 - density)) < 4 * error
    if density < 0.5:
        assert found.mean() > density


def test_the_first_patch_of_a_row_is_stored_as_it_is():
    kept = jr.bernoulli(jr.key(4), 0.3, (1, 32, 32))
    found = np.asarray(changes(kept, 8))
    np.testing.assert_array_equal(found[:, :, :8], kept[:, :, :8])
    differ = np.asarray(kept[:, :, 8:]) != np.asarray(kept[:, :, :-8])
    np.testing.assert_array_equal(found[:, :, 8:], differ)


def test_what_is_no_map_is_refused():
    codes, kept = random_map(0.5, 8)
    with pytest.raises(ValueError, match="`width` must divide 8 tokens; got 3"):
        encode_map(codes, kept, 3, 12)
    with pytest.raises(ValueError, match="values must lie between 0 and 15"):
        encode_map(codes, kept, 4, 4)
