"""Files that the numbers of a run depend on: their hashes, and whether they changed.

A report names each by its setting, with its path from the report's own folder, so that
both may move together, and the SHA-256 of its bytes.
"""

import hashlib
import os
import pathlib
from collections.abc import Collection, Mapping
from typing import Any

from ..config import leaves, read, replace, RunConfig
from ..datasets import DATASETS
from ..training import shipped_names
from .build import find_checkpoint


CHIP = "chip"  # of a saved chip or a measured map, which no setting names


NAMES = ("solve.label", "cell.device")  # texts that are never paths


SHOWN = 8  # digits of a hash in a message


def input_files(
    config: RunConfig, chip: pathlib.Path | None = None
) -> dict[str, pathlib.Path]:
    """Files and folders of the user's by the setting that names each.

    Args:
        config: All settings of a run.
        chip: The saved chip or map that it runs, if any.
    """
    found = {name: path for name, (path, _) in _named(config).items()}
    return found if chip is None else {**found, CHIP: chip}


def _named(config: RunConfig) -> dict[str, tuple[pathlib.Path, str]]:
    """Files that settings name, each with the part that is meant of it."""
    known = {*shipped_names(), *DATASETS}
    found = {}
    for name, _ in leaves(config):
        value = read(config, name)
        if not isinstance(value, str) or value in known or name in NAMES:
            continue
        # A file, or one with the name of a part: FILE:PART.
        for text in (value, value.rpartition(":")[0]):
            path = pathlib.Path(text)
            is_folder = path.is_dir() and any(path.glob("*.json"))
            if text and (path.is_file() or is_folder):
                found[name] = path, value[len(text) :]
                break
    return found


def hash_file(path: pathlib.Path) -> str:
    """SHA-256 of a file, or of the names and the bytes of the files in a folder."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    for each in sorted(path.iterdir()):
        if each.is_file() and not each.name.startswith("."):
            digest.update(each.name.encode() + bytes.fromhex(hash_file(each)))
    return digest.hexdigest()


def hash_inputs(config: RunConfig, chip: pathlib.Path | None = None) -> dict[str, str]:
    """SHA-256 of all that `input_files` finds, by setting."""
    return {name: hash_file(path) for name, path in input_files(config, chip).items()}


def record_inputs(
    config: RunConfig, folder: pathlib.Path, chip: pathlib.Path | None = None
) -> dict[str, dict[str, str | None]]:
    """What a report in `folder` says of its files.

    Each has `path`, from there, `sha256`, and `given`, the text of its setting. A
    shipped network has no path.
    """
    named = _named(config)
    found: dict[str, dict[str, str | None]] = {}
    for name, path in input_files(config, chip).items():
        given = str(path) if name == CHIP else read(config, name)
        relative = os.path.relpath(path, folder)
        found[name] = {"given": given, "path": relative, "sha256": hash_file(path)}
        if name in named and named[name][1]:
            found[name]["part"] = named[name][1]
    if config.checkpoint in shipped_names():
        sha256 = find_checkpoint(config.checkpoint).record["sha256"]
        found["checkpoint"] = {
            "given": config.checkpoint,
            "path": None,
            "sha256": sha256,
        }
    return found


def find_inputs(
    config: RunConfig,
    report: Mapping[str, Any],
    path: pathlib.Path,
    given: Collection[str] = (),
) -> tuple[RunConfig, pathlib.Path | None, str]:
    """The files of a report as they lie now: settings, chip, and what is not checked.

    Args:
        config: The configuration of the report.
        report: The report.
        path: Where it lies.
        given: Settings that the user gives anew, and `chip`: they are not looked for.

    Raises:
        ValueError: If a file is gone, or holds something else than it did.
    """
    chip = report.get(CHIP)
    chip = None if chip is None else pathlib.Path(chip)
    if "files" not in report:
        said = f"`{path}` has no hashes of its files, as an older version wrote it"
        names = ", ".join(input_files(config, chip)) or "its checkpoint"
        return config, chip, f"{said}: whether {names} changed cannot be checked."
    now = {name: read(config, name) for name, _ in leaves(config)} | {CHIP: chip}
    for name, entry in _entries(report, path).items():
        text = str(now.get(name))
        if name in given or text != entry["given"]:
            continue  # another one was asked for: by the command, or in the report
        if entry["path"] is None:
            _require_shipped(text, entry["sha256"], path)
            continue
        part = entry.get("part", "")
        file = _find(name, text.removesuffix(part), entry, path)
        if name == CHIP:
            chip = file
        else:
            config = replace(config, name, f"{file}{part}")
    return config, chip, ""


def _entries(report: Mapping[str, Any], path: pathlib.Path) -> dict[str, Any]:
    """The entries of `files`, which a person may have edited."""
    files = report["files"]
    needed = {"given", "path", "sha256"}
    if isinstance(files, dict) and all(
        isinstance(entry, dict) and needed <= entry.keys() for entry in files.values()
    ):
        return files
    raise ValueError(
        f"`{path}`: each of `files` must have {', '.join(sorted(needed))}."
    )


def _find(
    name: str, text: str, entry: Mapping[str, Any], path: pathlib.Path
) -> pathlib.Path:
    """The file of an entry: as it was given, or as it lies from the report."""
    from_report = pathlib.Path(os.path.normpath(path.parent / entry["path"]))
    there = [each for each in (pathlib.Path(text), from_report) if each.exists()]
    for each in there:
        if hash_file(each) == entry["sha256"]:
            return each
    how = "`--chip PATH`" if name == CHIP else f"`--set {name}=PATH`"
    if not there:
        raise ValueError(
            f"`{name}` of `{path}` is gone: there is no `{from_report}`. Put it back, "
            f"or give its place by {how}."
        )
    found = there[-1]
    now = hash_file(found)[:SHOWN]
    raise ValueError(
        f"`{name}` has changed since `{path}` was written: `{found}` had the SHA-256 "
        f"{entry['sha256'][:SHOWN]}... and has {now}... now. Put that file back, or "
        f"run this one by {how}."
    )


def _require_shipped(name: str, sha256: str, path: pathlib.Path) -> None:
    """Refuse a shipped network that another version of the package replaced."""
    if name not in shipped_names():
        raise ValueError(f"`{path}` was run with a shipped network; got `{name}`.")
    if find_checkpoint(name).record["sha256"] != sha256:
        raise ValueError(
            f"`checkpoint` = {name} is another network in this version than in that "
            f"of `{path}`: install that version, or give `--checkpoint {name}` to run "
            "this one."
        )
