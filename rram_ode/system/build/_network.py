"""The trained network of a configuration, and the digital sampler beside the chip."""

import pathlib

import numpy as np

from ...config import RunConfig
from ...presets import list_presets
from ...samplers import AbstractDigitalSampler, DIGITAL_SAMPLERS
from ...sdes import AbstractProcess, AbstractSDE, VPSDE
from ...training import (
    Checkpoint,
    load_checkpoint,
    require_no_beta,
    shipped_checkpoint,
    shipped_names,
)


# Endings of files of weights that other programs write.
WEIGHT_FILES = (".pth", ".pt", ".ckpt", ".bin", ".safetensors", ".npz", ".npy", ".h5")


def build_checkpoint(config: RunConfig) -> Checkpoint:
    """The shipped checkpoint that `config` names, or the one in the folder it names.

    Raises:
        ValueError: If there is none, it cannot be read, or it was trained with other
            betas than those of `config`.
    """
    checkpoint = find_checkpoint(config.checkpoint)
    _check_betas(config, checkpoint.sde)
    return checkpoint


def find_checkpoint(name: str) -> Checkpoint:
    """The shipped checkpoint `name`, or the one in the folder of this name.

    Raises:
        ValueError: If there is none, or it cannot be read.
    """
    folder = pathlib.Path(name)
    if name in shipped_names():
        return shipped_checkpoint(name)
    if folder.suffix.lower() in WEIGHT_FILES and not folder.is_dir():
        raise ValueError(
            f"`{name}` is a file of weights, and a checkpoint is a folder: make one by "
            f"`python -m rram_ode.import_network {name} --layout LAYOUT.toml --out DIR`"
            " (its `--help` says what the layout holds), then take `--checkpoint DIR`."
        )
    if not folder.exists() and folder.name == name:
        there = f"there is no shipped checkpoint `{name}`"
        if name not in list_presets():
            raise ValueError(f"{there}; there are {', '.join(shipped_names())}.")
        raise ValueError(
            f"{there}: train one with `python -m rram_ode.train {name}`, then add "
            f"`--checkpoint runs/train-{name}`."
        )
    return load_checkpoint(folder)


def _check_betas(config: RunConfig, sde: AbstractSDE) -> None:
    """Refuse betas that are not those of the training."""
    if not isinstance(sde, VPSDE):
        require_no_beta(config.sde)
        return
    trained = {"beta_min": float(sde.beta_min), "beta_max": float(sde.beta_max)}
    for name, value in trained.items():
        if not np.isclose(value, getattr(config.sde, name), rtol=1e-5, atol=0):
            raise ValueError(
                f"`sde.{name}` is {getattr(config.sde, name):g}, but the checkpoint "
                f"was trained with {value:g}: it acts on training alone."
            )


def build_sampler(
    config: RunConfig, sde: AbstractSDE, name: str | None
) -> tuple[AbstractDigitalSampler, AbstractProcess]:
    """A digital sampler, and the process that it integrates.

    Args:
        config: All settings.
        sde: What the network was trained on.
        name: Name of the sampler; `None` takes Heun's method for the flow and
            Euler-Maruyama for the reverse SDE.

    Raises:
        ValueError: If there is no such sampler, or it cannot integrate the process.
    """
    default = "heun" if config.solve.process == "probability-flow" else "euler-maruyama"
    name = name or default
    if name not in DIGITAL_SAMPLERS:
        raise ValueError(
            f"no sampler `{name}`; there are {', '.join(DIGITAL_SAMPLERS)}."
        )
    sampler = DIGITAL_SAMPLERS[name]()
    process = sampler.process_along(sde, config.solve.beta_factor)
    sampler.check(process)
    return sampler, process
