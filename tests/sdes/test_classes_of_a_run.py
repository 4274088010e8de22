"""Which classes the samples of a run are asked for."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import scipy.stats as st
from rram_ode.sdes import MixedClasses, OneClass, Prior


def drawn(shares, num=20_000, first=0):
    law = MixedClasses(jnp.asarray(shares))
    return np.asarray(law.sample(jr.key(3), jnp.asarray(first, jnp.uint32), num))


def test_classes_have_their_shares():
    """Counts follow the shares; other shares are refused by the same test."""
    counts = np.bincount(drawn([0.2, 0.5, 0.3]), minlength=3)
    assert counts.sum() == 20_000
    fits = lambda shares: st.chisquare(counts, 20_000 * np.array(shares)).pvalue
    assert fits([0.2, 0.5, 0.3]) > 1e-3
    assert fits([0.21, 0.49, 0.3]) < 1e-3


def test_a_class_without_share_is_never_drawn():
    assert set(drawn([0.0, 1.0, 0.0])) == {1}
    assert set(drawn([0.0, 0.5, 0.5])) == {1, 2}


def test_a_samples_class_depends_on_its_number_alone():
    whole = drawn([0.3, 0.7], 100)
    assert np.array_equal(whole[37:60], drawn([0.3, 0.7], 23, first=37))
    assert not np.array_equal(whole[:23], whole[37:60])


def test_starts_and_classes_are_draws_of_their_own():
    """The starts of a run stay those of one without labels, bit for bit."""
    law, first = MixedClasses(jnp.asarray([0.5, 0.5])), jnp.asarray(0, jnp.uint32)
    prior = Prior(2.0, law)
    x1 = prior.sample(jr.key(0), first, 4000, 2)
    assert np.array_equal(x1, Prior(2.0).sample(jr.key(0), first, 4000, 2))
    labels = np.asarray(prior.labels(jr.key(0), first, 4000))
    first, second = (np.asarray(x1[0])[labels == k] for k in (0, 1))
    assert st.mannwhitneyu(first, second).pvalue > 1e-3


def test_one_class_and_none():
    first = jnp.asarray(0, jnp.uint32)
    one = Prior(1.0, OneClass(jnp.asarray(2))).labels(jr.key(0), first, 10)
    assert one is not None
    assert (one.shape, int(one)) == ((), 2)
    assert Prior().labels(jr.key(0), first, 10) is None
