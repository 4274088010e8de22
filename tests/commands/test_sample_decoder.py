"""`sample letters-analog-decoder`: its files, its report, and what it refuses."""

import json

import numpy as np
import pytest
from rram_ode import sample
from rram_ode.commands._decoder import decode_apart
from rram_ode.datasets.pictures import AbstractPictures
from rram_ode.presets import find_preset
from rram_ode.system import Repeat, System
from rram_ode.system.build import find_dataset


WORDS = ("letters-analog-decoder", "--fidelity", "ideal", "--num-samples", "12")


@pytest.mark.slow
def test_the_chip_decodes_its_samples(run, tmp_path):
    words = (*WORDS, "--set", "solve.num_steps=8", "--out", tmp_path)
    status, out, err = run(sample.main, *words)
    assert status == 0, err
    with np.load(tmp_path / "samples.npz") as file:
        arrays = dict(file)
    dataset = find_dataset(find_preset("letters"))
    assert isinstance(dataset, AbstractPictures)
    shown = dataset.to_images
    np.testing.assert_allclose(arrays["images"], shown(arrays["analog"]), atol=1e-6)
    digital = shown(arrays["digital"])
    np.testing.assert_allclose(arrays["digital_images"], digital, atol=1e-12)
    found = json.loads((tmp_path / "report.json").read_text())["decoder"]
    assert found["circuit"] == "analog"
    assert found["reads"] == 47
    assert found["time_s"] == 47 * 0.5e-6
    assert found["rms_of_digital_decode"] < 1e-6
    assert sum(found["breakdown_j"].values()) == found["energy_j"]
    assert found["energy_over_solve"] == found["energy_j"] / found["solve_energy_j"]
    assert 0 < found["energy_over_solve"] < 1
    assert 1e-7 < found["area_m2"] < 1e-4
    for verdict in found["beside_digital_decode"].values():
        assert verdict["verdict"] == "equal"
    assert "decoder on the chip" in out
    assert "Beside the digital decode of the same samples, by pixels: equal (" in out


@pytest.mark.slow
def test_every_chip_is_decoded_and_what_is_not_kept_is_said(run, tmp_path):
    words = (*WORDS, "--num-chips", 2, "--save-chip", tmp_path / "kept")
    words += ("--set", "solve.num_steps=8", "--out", tmp_path)
    status, out, err = run(sample.main, *words)
    assert status == 0, err
    said = " ".join(out.split())
    assert "no cells of the decoder on the die: its seed, 0, writes them" in said
    assert "Pictures and their verdicts are those of chip 0" in said
    chips = json.loads((tmp_path / "report.json").read_text())["chips"]
    assert ["decoder" in chip for chip in chips] == [False, True]
    assert chips[1]["decoder"]["rms_of_digital_decode"] < 1e-6


@pytest.mark.slow
def test_a_chip_decodes_by_the_decoder_on_its_own_die():
    """With write noise each die is as far off as its own decoder makes it."""
    settings = {"fidelity": "ideal", "solve.num_steps": 8}
    ideal = System.from_preset("letters-analog-decoder", settings)
    samples = ideal.sample(ideal.program(0), 12, seed=0)
    system = System.from_preset("letters-analog-decoder")
    assert isinstance(system.dataset, AbstractPictures)
    digital = system.dataset.to_images(samples.x)
    found = []
    for seed in (1, 2):
        told = decode_apart(system, seed, [Repeat(12, 0)], [samples])
        images = system.program_decoder(seed).decode(samples.x, first=0).images
        rms = np.sqrt(np.mean((images - digital) ** 2))
        np.testing.assert_allclose(told["rms_of_digital_decode"], rms, rtol=1e-6)
        found.append(told["rms_of_digital_decode"])
    assert abs(found[0] - found[1]) > 0.01 * found[0]


def test_a_preset_without_latents_refuses_the_knob_in_one_line(refusal):
    said = refusal(sample.main, "ring", "--set", "decoder.circuit=analog")
    assert "the data `ring` are in no latent space: set it to digital" in said
