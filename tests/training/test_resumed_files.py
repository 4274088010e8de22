"""A training that resumes names the file of the user's that changed since."""

import jax.numpy as jnp
import pytest
from rram_ode.config import TrainConfig
from rram_ode.training._state import FitState, identity, load_state, save_state


PLAN = TrainConfig()


def owner(value, files=None):
    return identity(PLAN, (jnp.ones(2) * value,), files)


@pytest.fixture
def state():
    zero = jnp.zeros(())
    return FitState(zero, zero, zero, jnp.array(0), jnp.zeros(1))


def test_the_file_that_changed_is_named_and_what_to_do(tmp_path, state):
    path = tmp_path / ".partial/state.eqx"
    save_state(path, state, owner(1.0, {"data": "ab"}), 1.0)
    _, seconds = load_state(path, state, owner(1.0, {"data": "ab"}))
    assert seconds == 1.0
    with pytest.raises(ValueError, match="another file of `data`; delete") as caught:
        load_state(path, state, owner(2.0, {"data": "cd"}))
    assert str(path.parent) in str(caught.value)


def test_a_state_of_an_older_version_has_no_files_and_goes_on(tmp_path, state):
    old = owner(1.0, {"data": "ab"})
    del old["files"]
    path = tmp_path / ".partial/state.eqx"
    save_state(path, state, old, 2.0)
    assert load_state(path, state, owner(1.0, {"data": "ab"}))[1] == 2.0
    with pytest.raises(ValueError, match="another network, process or data set"):
        load_state(path, state, owner(2.0, {"data": "cd"}))
