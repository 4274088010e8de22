"""What would make a setting act that has no effect in a run."""

from collections.abc import Iterator

from ...config import idealise, RunConfig
from ._effect import DECODES, Effect, GUIDED, SWITCHED
from ._table import differs, SIMULATED
from ._values import values_of


# Settings, or whole groups, that no effect has: what they act on or with.
OWN = {
    "network.": "it acts on `python -m rram_ode.train`; here the checkpoint rules",
    "sde.": "it acts on `python -m rram_ode.train`; here the checkpoint rules",
    "train.": "it acts on `python -m rram_ode.train`",
    "latents.": "it acts on data in a latent space, and on training an autoencoder",
    "decoder.": f"it needs {DECODES.text}",
    "controller.": "it divides `solve.reset` into cycles, which the decks and area see",
    "rewrite.": "it needs rewrite.every or rewrite.monitor",
    "start.resistance": "it limits the pre-charge within `solve.reset` and no more",
    "op_amp.": "it needs op-amps that are not ideal, with fidelity=dynamic",
    "trim.": "it needs the trim that it belongs to: trim.columns, trim.rc, trim.repair",
    "solve.tolerance": "it needs solve.solver=tsit5",
    "solve.num_steps": "it needs a solver of fixed steps, such as solve.solver=heun",
    "solve.noise_hold": "it needs solve.process=reverse-sde",
    **dict.fromkeys(
        ("crossbar.tile_rows", "crossbar.tile_cols"),
        "tiles are exact but for their wires: it needs crossbar.wires",
    ),
    "crossbar.v_disturb": "it is a limit: reads beyond it are counted or refused",
    **dict.fromkeys(("cell.stuck.remap", "trim.repair"), "it needs stuck cells"),
    "trim.rc": "it needs R C that are not typical: process.corner, or a temperature",
    "cell.age": "it needs a law of drift",
    "cell.drift.": "it needs cell.age",
    "cell.drift.activation_energy": "it needs cell.age, and a `cell.temperature` "
    "other than `cell.drift.temperature`",
    "cell.drift.temperature": "it needs cell.age and cell.drift.activation_energy",
    "cell.write.max_pulses": "it needs cell.write.verify, which no pulse repeats now",
    "cell.write.cycle": "it needs write noise to draw again",
    "cell.temperature": "it needs noise, a coefficient of `process`, or "
    "cell.drift.activation_energy with cell.age",
    "process.trim_temperature": "it needs a coefficient of `process`, or trims",
    "guidance.": f"it needs {GUIDED.text}",
    **dict.fromkeys(
        ("guidance.switch_rate", "guidance.acquisition", "guidance.hold_capacitance"),
        f"it needs {SWITCHED.text}",
    ),
}


def what_acts(config: RunConfig, name: str) -> str:
    """What would make the setting `name` act, as it follows a colon; empty if unknown.

    Args:
        config: All settings of a run in which it does not act.
        name: Dotted name.

    Example:
        >>> from rram_ode.config import RunConfig
        >>> from rram_ode.system.effects import what_acts
        >>> what_acts(RunConfig(), "cell.iv.v0")
        'it shapes bent current of cells, off without cell.iv.law=sinh'
    """
    if config.fidelity == "ideal" and any(_effects_of(name)):
        return "an ideal machine has no errors; `fidelity` quasi-static has them"
    if name in OWN:
        return OWN[name]
    values, neutral = values_of(config), values_of(idealise(config))
    for effect in _effects_of(name):
        if effect.needs is not None and not effect.needs.holds(config):
            return f"it needs {effect.needs.text}"
        is_on = any(differs(values[n], neutral[n]) for n in effect.knobs)
        if name in effect.shape and not is_on:
            return f"it shapes {effect.name}, off without {' '.join(effect.example)}"
    group = max((key for key in OWN if name.startswith(key)), key=len, default="")
    return OWN.get(group, "")


def _effects_of(name: str) -> Iterator[Effect]:
    for effects in SIMULATED.values():
        for effect in effects:
            if name in (*effect.knobs, *effect.shape):
                yield effect
