import importlib
import pkgutil

import pytest
import rram_ode


@pytest.mark.lowest
def test_every_module_imports():
    """None uses a name that its libraries lack, and none warns."""
    modules = [m.name for m in pkgutil.walk_packages(rram_ode.__path__, "rram_ode.")]
    assert "rram_ode.sample" in modules
    for name in modules:
        importlib.import_module(name)
