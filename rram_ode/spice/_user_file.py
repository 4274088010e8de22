"""Files of a user that ngspice may see: cards alone, without a program among them.

A deck is a program: `.control` blocks call a shell, `*#` lines and `*ng_script` do so,
code models (`a` elements) start processes. What is read here has none of these.
"""

import dataclasses
import pathlib
import re
from collections.abc import Iterator


LARGEST = 64 * 1024 * 1024  # bytes of a file


DEEPEST = 20  # files that include one another


CARDS = (".param", ".model", ".subckt", ".ends", ".ic", ".nodeset", ".options")


CARDS += (".option", ".opt", ".temp", ".tran", ".global", ".func", ".csparam")


CARDS += (".if", ".elseif", ".else", ".endif")


PRINTED = (".save", ".print", ".plot", ".probe", ".width", ".title")


ANALYSES = (".meas", ".measure", ".four", ".op", ".ac", ".dc", ".noise", ".tf")


ANALYSES += (".sens", ".pz", ".disto")


ELEMENTS = "bcdefghijklmqrstvwxz"


_QUOTED = re.compile(r"""^(?:"([^"]+)"|'([^']+)'|(\S+))\s*(\S*)$""")


@dataclasses.dataclass(frozen=True)
class UserFile:
    """The cards of a user's file.

    Args:
        cards: One card a line, without comments; includes are in their place.
        left_out: One sentence for each part that is not among the cards.
    """

    cards: tuple[str, ...]
    left_out: tuple[str, ...] = ()


@dataclasses.dataclass
class _Reading:
    folder: pathlib.Path
    cards: list[str]
    left_out: list[str]


def read_user_file(path: pathlib.Path, *, has_title: bool) -> UserFile:
    """Read a deck or a library, with the files beside it that it includes.

    Comments are those of ngspice, see `strip_comment`. Blocks of `.control` are left
    out and named, and so are analyses other than `.tran`; the caller says what is
    printed.

    Args:
        path: The file.
        has_title: Whether its first line is a title, as that of a deck.

    Raises:
        ValueError: If a file is too large or no text, a card might start a program, or
            an include leaves the file's folder; the message says file and line.
    """
    reading = _Reading(path.resolve().parent, [], [])
    _read(path, reading, has_title, None, 0)
    return UserFile(tuple(reading.cards), tuple(reading.left_out))


def read_user_text(text: str) -> UserFile:
    """Read the text of a deck, whose includes have no folder.

    Raises:
        ValueError: As `read_user_file`, and at an include.
    """
    reading = _Reading(pathlib.Path(), [], [])
    lines = text.splitlines()
    _take(_logical(lines, True, "the deck", reading), "the deck", reading, None, None)
    return UserFile(tuple(reading.cards), tuple(reading.left_out))


def strip_comment(line: str) -> str:
    """A line without its comment, and without space at its ends.

    As in ngspice's `inp_stripcomments_line`: a line that begins with `*` or `#`; from
    `;` or `//` on; from `$` on, behind a space, a tab or a comma.
    """
    line = line.strip()
    if line[:1] in ("*", "#", "$"):
        return ""
    ends = [line.find(";"), line.find("//")]
    dollar = re.search(r"[ \t,]\$", line)
    if dollar is not None:
        ends.append(dollar.start() + 1)
    return line[: min([end for end in ends if end >= 0], default=len(line))].rstrip()


def _read(
    path: pathlib.Path,
    reading: _Reading,
    has_title: bool,
    section: str | None,
    depth: int,
) -> None:
    name = path.name
    if depth > DEEPEST:
        raise ValueError(f"{name}: more than {DEEPEST} files include one another.")
    if not path.is_file():
        raise ValueError(f"there is no file `{path}`.")
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{name} is larger than the {LARGEST >> 20} MB that are read.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="cp1252", errors="replace")
    if "\0" in text:
        raise ValueError(f"{name} is no text.")
    lines = _logical(text.splitlines(), has_title, name, reading)
    _take(lines, name, reading, section, depth)


def _logical(
    lines: list[str], has_title: bool, name: str, reading: _Reading
) -> Iterator[tuple[int, str]]:
    """Cards with the numbers of their lines; `+` continues one, `.control` is cut."""
    card, number, opened = "", 0, 0
    for n, raw in enumerate(lines, start=1):
        line = "" if has_title and n == 1 else strip_comment(raw)
        low = line.lower()
        if opened:
            if low.split()[:1] == [".endc"]:
                reading.left_out.append(_control(name, opened, n))
                opened = 0
            continue
        if line.startswith("+"):
            if not card:
                raise ValueError(f"line {n} of {name}: `+` continues no card.")
            card += " " + line[1:]
            continue
        if not line:
            continue
        if card:
            yield number, card
        card = ""
        word = low.split()[0]
        if word == ".control":
            opened = n
        elif word == ".end":
            return
        else:
            card, number = line, n
    if opened:
        reading.left_out.append(_control(name, opened, len(lines)))
    if card:
        yield number, card


def _control(name: str, first: int, last: int) -> str:
    return f"the `.control` block of lines {first} to {last} of {name} is not run."


def _take(
    lines: Iterator[tuple[int, str]],
    name: str,
    reading: _Reading,
    section: str | None,
    depth: int | None,
) -> None:
    """Append the cards of one file, or of one `section` of it; see `_Reading`."""
    inside: str | None = None
    for number, card in lines:
        at = f"line {number} of {name}"
        word, *others = card.split(maxsplit=1)
        word, rest = word.lower(), "".join(others)
        if word == ".endl":
            inside = None
        elif word == ".lib" and _is_section(rest):
            inside = rest.strip().lower()
        elif section is not None and inside != section:
            continue
        elif word in (".include", ".inc", ".lib"):
            path, wanted = _included(rest, at, reading, depth)
            _read(path, reading, False, wanted, (depth or 0) + 1)
        elif word in PRINTED:
            continue
        elif word in ANALYSES:
            reading.left_out.append(f"`{word}` at {at} is not run.")
        elif word[0] == "." and word not in CARDS:
            raise ValueError(f"{at}: `{word}` is no card of a circuit: take it out.")
        elif word[0] != "." and word[0] not in ELEMENTS:
            raise ValueError(
                f"{at}: `{_short(card)}` is no element that is passed on: those begin "
                f"with {', '.join(ELEMENTS)}; code models may start a program."
            )
        else:
            _require_value(card, at)
            reading.cards.append(card)


def _is_section(rest: str) -> bool:
    """Whether `.lib` opens a section: one word, which names no file."""
    words = rest.split()
    return len(words) == 1 and not re.search(r"[./\\\"']", words[0])


def _included(
    rest: str, at: str, reading: _Reading, depth: int | None
) -> tuple[pathlib.Path, str | None]:
    """The file of an include, and the section of it that is taken."""
    found = _QUOTED.match(rest.strip())
    if found is None or depth is None:
        raise ValueError(f"{at}: `.include` names a file beside that of the deck.")
    text = found[1] or found[2] or found[3]
    path = (reading.folder / text).resolve()
    if not path.is_relative_to(reading.folder):
        raise ValueError(
            f"{at}: `{text}` is outside the folder of the file: copy it beside it."
        )
    return path, found[4].lower() or None


def _require_value(card: str, at: str) -> None:
    """Refuse an element whose value ngspice would make up without an error."""
    if card[0].lower() in "rclvi" and len(card.split()) < 4:
        raise ValueError(f"{at}: `{_short(card)}` has no value.")


def _short(line: str) -> str:
    return line if len(line) < 60 else line[:57] + "..."
