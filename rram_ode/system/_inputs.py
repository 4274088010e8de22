"""Files that the numbers of a run depend on: their hashes, and whether they changed.

A report names each by its setting, with its path from the report's own folder, so that
both may move together, and the SHA-256 of its bytes. A file of SPICE cards brings the
files that it includes, each by its path from there.
"""

import hashlib
import os
import pathlib
from collections.abc import Collection, Mapping
from typing import Any

from ..config import leaves, read, replace, RunConfig
from ..datasets import DATASETS
from ..spice import read_user_file
from ..training import shipped_names
from .build import find_checkpoint


BESIDE = ("chip", "deck")  # given by flags of these names, which no setting has


SPICE = {"deck": True, "op_amp.subcircuit": False}  # whether they begin with a title


NAMES = ("solve.label", "cell.device")  # texts that are never paths


SHOWN = 8  # digits of a hash in a message


def input_files(
    config: RunConfig, beside: Mapping[str, pathlib.Path | None] | None = None
) -> dict[str, pathlib.Path]:
    """Files and folders of the user's by the setting that names each.

    Args:
        config: All settings of a run.
        beside: What no setting names, by name: a saved chip or map as `chip`, a deck as
            `deck`.
    """
    found = {name: path for name, (path, _) in _named(config).items()}
    given = {name: path for name, path in (beside or {}).items() if path is not None}
    return found | given


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


def hash_inputs(config: RunConfig) -> dict[str, str]:
    """SHA-256 of the files that settings name, and of those that these include."""
    found = {}
    for name, path in input_files(config).items():
        found[name] = hash_file(path)
        for inner, sha256 in _included(name, path).items():
            found[f"{name} includes {inner}"] = sha256
    return found


def _included(name: str, path: pathlib.Path) -> dict[str, str]:
    """SHA-256 of each file that a file of cards includes, by its path from there."""
    if name not in SPICE:
        return {}
    first, *others = read_user_file(path, has_title=SPICE[name]).paths
    relative = lambda other: other.relative_to(first.parent).as_posix()
    return {relative(other): hash_file(other) for other in others}


def record_inputs(
    config: RunConfig,
    folder: pathlib.Path,
    *,
    chip: pathlib.Path | None = None,
    deck: pathlib.Path | None = None,
) -> dict[str, dict[str, Any]]:
    """What a report in `folder` says of its files.

    Each has `path`, from there, `sha256`, and `given`, the text of its setting. A
    shipped network has no path. A file of cards has `includes`: the SHA-256 of each
    file by its path from that of the first.

    Args:
        config: All settings.
        folder: That of the report.
        chip: The saved chip or map, if any.
        deck: The user's deck, if any.
    """
    named = _named(config)
    found: dict[str, dict[str, Any]] = {}
    for name, path in input_files(config, {"chip": chip, "deck": deck}).items():
        given = str(path) if name in BESIDE else read(config, name)
        relative = os.path.relpath(path, folder)
        found[name] = {"given": given, "path": relative, "sha256": hash_file(path)}
        if name in named and named[name][1]:
            found[name]["part"] = named[name][1]
        if included := _included(name, path):
            found[name]["includes"] = included
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
) -> tuple[RunConfig, dict[str, pathlib.Path], str]:
    """The files of a report as they lie now, and what is not checked of them.

    Args:
        config: The configuration of the report.
        report: The report.
        path: Where it lies.
        given: Settings that the user gives anew, and `chip` and `deck`: they are not
            looked for.

    Returns:
        The settings, chip and deck by name if it has them, and a sentence.

    Raises:
        ValueError: If a file is gone, or holds something else than it did.
    """
    asked = {name: report[name] for name in BESIDE if report.get(name) is not None}
    for name, value in asked.items():
        if not isinstance(value, str):
            raise ValueError(f"`{path}`: `{name}` must be a path; got {value!r}.")
    beside = {name: pathlib.Path(value) for name, value in asked.items()}
    if "files" not in report:
        said = f"`{path}` has no hashes of its files, as an older version wrote it"
        names = ", ".join(input_files(config, beside)) or "its checkpoint"
        return config, beside, f"{said}: whether {names} changed cannot be checked."
    now = {name: read(config, name) for name, _ in leaves(config)} | beside
    for name, entry in _entries(report, path).items():
        text = str(now.get(name))
        if name in given or text != entry["given"]:
            continue  # another one was asked for: by the command, or in the report
        if entry["path"] is None:
            _require_shipped(text, entry["sha256"], path)
            continue
        part = entry.get("part", "")
        file = _find(name, text.removesuffix(part), entry, path)
        _require_included(name, file, entry, path)
        if name in BESIDE:
            beside[name] = file
        else:
            config = replace(config, name, f"{file}{part}")
    return config, beside, ""


def _entries(report: Mapping[str, Any], path: pathlib.Path) -> dict[str, Any]:
    """The entries of `files`, which a person may have edited."""
    files = report["files"]
    needed = {"given", "path", "sha256"}
    if isinstance(files, dict) and all(
        isinstance(entry, dict)
        and needed <= entry.keys()
        and isinstance(entry["path"], str | None)
        and isinstance(entry["sha256"], str)
        and isinstance(entry.get("part", ""), str)
        and isinstance(entry.get("includes", {}), dict)
        for entry in files.values()
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
    how = _give(name)
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


def _give(name: str) -> str:
    """What a user types to give another file."""
    return f"`--{name} PATH`" if name in BESIDE else f"`--set {name}=PATH`"


def _require_included(
    name: str, file: pathlib.Path, entry: Mapping[str, Any], path: pathlib.Path
) -> None:
    """Refuse a file of cards that includes others than it did."""
    then = entry.get("includes", {})
    gone = [inner for inner in then if not (file.parent / inner).is_file()]
    now = {} if gone else _included(name, file)
    changed = [n for n in {**then, **now} if then.get(n) != now.get(n)]
    for inner in gone or changed:
        what = "is gone" if gone else "has changed"
        what = what if inner in then else "was not among its files"
        raise ValueError(
            f"`{inner}`, which `{name}` = {file} includes, {what} since `{path}` was "
            f"written: put that file back, or give it anew by {_give(name)}."
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
