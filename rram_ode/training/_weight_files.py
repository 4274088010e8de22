"""Tensors in a file that another program wrote, by name; nothing is unpickled."""

import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from .._core._archives import check_archive, read_npz
from .._core._own_files import check_file


TORCH = (".pth", ".pt", ".ckpt", ".bin")


_SAVE = (
    "in PyTorch, `from safetensors.torch import save_file; save_file("
    "model.state_dict(), 'model.safetensors')`, or `numpy.savez('model.npz', **{k: "
    "v.cpu().numpy() for k, v in model.state_dict().items()})`"
)


def read_tensors(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The tensors of a state dict by name, in the order of the file.

    A safetensors file needs the package `safetensors`. A file of PyTorch's needs
    PyTorch, which is asked for its tensors alone (`weights_only`): code in it is
    refused.

    Raises:
        ValueError: If the file is none of these, is larger than 1 GiB, or what reads it
            is not installed; the text says how to save another.
        OSError: If it cannot be read.
    """
    check_file(path)
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return read_npz(path)
    if suffix == ".safetensors":
        return _safetensors(path)
    if suffix in TORCH:
        return _torch(path)
    raise ValueError(
        f"`{path}` must be a state dict in .safetensors, .npz or .pth; save one so: "
        f"{_SAVE}."
    )


def _safetensors(path: pathlib.Path) -> dict[str, np.ndarray]:
    try:
        from safetensors import SafetensorError  # pyright: ignore[reportMissingImports]  # of the `import` extra
        from safetensors.numpy import load_file  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ValueError(
            f"`{path}` needs the package safetensors: `pip install safetensors`, or "
            "save it as npz."
        ) from error
    try:
        found = load_file(path)
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"`{path}` cannot be read as safetensors ({error}): save floats of 16, 32 "
            "or 64 bits."
        ) from error
    return {name: found[name] for name in sorted(found, key=_natural)}


def _natural(name: str) -> list[tuple[int, str]]:
    """`net.2` before `net.10`: safetensors does not keep the order of a state dict."""
    return [
        (int(part), "") if part.isdigit() else (-1, part) for part in name.split(".")
    ]


def _torch(path: pathlib.Path) -> dict[str, np.ndarray]:
    kind = f"an archive as `torch.save` writes it since PyTorch 1.6 ({_SAVE})"
    check_archive(path, None, kind)
    try:
        import torch  # pyright: ignore[reportMissingImports]  # of the `bench` extra
    except ImportError as error:
        raise ValueError(
            f"`{path}` is a pickle, which rram_ode never opens itself, and PyTorch is "
            f"not installed: save the weights as safetensors or npz: {_SAVE}."
        ) from error
    try:
        found: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of many kinds: UnpicklingError, RuntimeError, ...
        raise ValueError(
            f"`{path}` does not hold tensors alone ({type(error).__name__}), and "
            f"nothing else in it is opened: save the weights: {_SAVE}."
        ) from error
    if isinstance(found, Mapping) and isinstance(found.get("state_dict"), Mapping):
        found = found["state_dict"]
    is_dict = isinstance(found, Mapping) and found
    if not is_dict or not all(isinstance(v, torch.Tensor) for v in found.values()):
        names = f" of {', '.join(map(str, [*found][:8]))}" if is_dict else ""
        raise ValueError(
            f"`{path}` must hold a state dict alone, tensors by name, perhaps as "
            f"`state_dict`; it holds {type(found).__name__}{names}. Save it so: "
            f"{_SAVE}."
        )
    return {str(name): _numbers(path, str(name), v) for name, v in found.items()}


def _numbers(path: pathlib.Path, name: str, tensor: Any) -> np.ndarray:
    """A tensor of PyTorch's that is a plain array of real numbers, in single precision.

    Raises:
        ValueError: If it is complex, sparse, nested, quantized, or has no values.
    """
    try:
        if tensor.is_complex():
            raise ValueError("its numbers are complex")
        return tensor.detach().resolve_neg().float().numpy()
    except (TypeError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ValueError(
            f"`{name}` in `{path}` must be a dense tensor of real numbers: {reason}."
        ) from error
