"""The rivals of `train_step`: one network in torch, its layers plain or of aihwkit."""

import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from rram_ode.config import TrainConfig
from rram_ode.scores import FourierMLP
from rram_ode.sdes import VPSDE
from rram_ode.training import Batch
from torch import nn

from ._train_problem import DRAWS, Rival, spread


RADIUS, STD = 0.7, 0.04  # of the ring


class NoisyLinear(nn.Linear):
    """Weights and bias plus `noise` times the column's largest, drawn each forward."""

    noise = 0.0

    def perturbed(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Of one forward."""
        w, b = self.weight, self.bias
        largest = torch.maximum(w.abs().amax(dim=1), b.abs())
        scale = self.noise * largest
        noisy = w + scale[:, None] * torch.randn_like(w)
        return noisy, b + scale * torch.randn_like(b)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """The noisy product."""
        return nn.functional.linear(input, *self.perturbed())


class Network(nn.Module):
    """`FourierMLP` with samples first."""

    def __init__(self, layers: list[nn.Linear], network: FourierMLP):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.frequencies = torch.tensor(np.asarray(network.frequencies))
        for layer, w, b in zip(layers, network.weights, network.biases, strict=True):
            layer.weight.data = torch.tensor(np.asarray(w).T.copy())
            assert layer.bias is not None  # of a layer with one
            layer.bias.data = torch.tensor(np.asarray(b))

    def forward(self, t: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """The predicted noise."""
        phase = 2 * math.pi * t[:, None] * self.frequencies
        embedding = torch.cat([phase.sin(), phase.cos()], dim=1)
        *hidden, last = self.layers
        for layer in hidden:
            x = torch.relu(layer(x) + embedding)
        return last(x)


def plain(network: FourierMLP, sde: VPSDE, plan: TrainConfig) -> Rival:
    """Eager torch."""
    layers = [NoisyLinear(w.shape[0], w.shape[1]) for w in network.weights]
    for layer in layers:
        layer.noise = plan.column_noise

    def quieten() -> None:
        for layer in layers:
            layer.noise = 0.0

    def spread_of() -> float:
        with torch.no_grad():
            many = [[x.perturbed()[0].numpy().T for x in layers] for _ in range(DRAWS)]
        drawn = [np.stack(each) for each in zip(*many, strict=True)]
        return spread(network.weights, network.biases, drawn, plan.column_noise)

    return _rival(Network([*layers], network), sde, plan, quieten, spread_of)


def lightning(network: FourierMLP, sde: VPSDE, plan: TrainConfig) -> Rival:
    """aihwkit-lightning's analog layers; their noise is on weights, biases digital."""
    part = lambda name: importlib.import_module(f"aihwkit_lightning.{name}")
    analog_linear = part("nn").AnalogLinear
    kinds = part("simulator.parameters.enums").WeightNoiseInjectionType
    config = part("simulator.configs").TorchInferenceRPUConfig()
    config.forward.is_perfect = True
    config.pre_post.input_range.enable = False
    config.forward.inp_res = config.forward.out_res = -1
    config.forward.out_noise = 0.0
    config.modifier.std_dev = plan.column_noise
    config.modifier.noise_type = kinds.ADD_NORMAL_PER_CHANNEL
    layers = [analog_linear(*w.shape, rpu_config=config) for w in network.weights]

    def quieten() -> None:
        config.modifier.noise_type = kinds.NONE

    def spread_of() -> float:
        drawn = []
        with torch.no_grad():
            for layer in layers:
                # The response to unit inputs is the weights that were used.
                unit, b = torch.eye(layer.in_features), layer.bias
                drawn.append(
                    np.stack([(layer(unit) - b).numpy() for _ in range(DRAWS)])
                )
        none = [np.zeros(w.shape[1]) for w in network.weights]
        return spread(network.weights, none, drawn, plan.column_noise)

    return _rival(Network(layers, network), sde, plan, quieten, spread_of)


def _rival(
    model: Network,
    sde: VPSDE,
    plan: TrainConfig,
    quieten: Callable[[], None],
    spread_of: Callable[[], float],
) -> Rival:
    torch.set_num_threads(1)
    beta_min, beta_max = float(sde.beta_min), float(sde.beta_max)
    optimiser = torch.optim.AdamW(
        model.parameters(), plan.learning_rate, weight_decay=plan.weight_decay
    )
    measured = spread_of()

    def loss(t: torch.Tensor, x: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
        # std(t) score + z, with the score -prediction / std(t).
        return ((z - model(t, x)) ** 2).mean()

    def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        num = plan.batch
        radius = RADIUS + STD * torch.randn(num)
        angle = 2 * math.pi * torch.rand(num)
        data = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)
        even = torch.arange(num) / num
        t = plan.t_min + (1 - plan.t_min) * ((torch.rand(()) + even) % 1.0)
        integral = beta_min * t + (beta_max - beta_min) * t**2 / 2
        mean, std = (-integral / 2).exp(), (-torch.expm1(-integral)).sqrt()
        z = torch.randn_like(data)
        return t, mean[:, None] * data + std[:, None] * z, z

    def steps(num: int) -> Any:
        for _ in range(num):
            optimiser.zero_grad()
            loss(*batch()).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
            optimiser.step()
        return model.layers[0].weight

    start = {k: v.clone() for k, v in model.state_dict().items()}

    def gradients(of: Batch) -> list[np.ndarray]:
        model.load_state_dict(start)
        quieten()
        as_torch = lambda x: torch.tensor(np.asarray(x))
        value = loss(as_torch(of.t), as_torch(of.x.T), as_torch(-of.target.T))
        named = dict(model.named_parameters())
        slopes = torch.autograd.grad(value, [*named.values()])
        grads = dict(zip(named, slopes, strict=True))
        places = range(len(model.layers))
        weights = [grads[f"layers.{n}.weight"].numpy().T for n in places]
        return [*weights, *(grads[f"layers.{n}.bias"].numpy() for n in places)]

    return Rival(steps, gradients, measured)
