"""Files of a user that ngspice may see: cards alone, without a program among them.

A deck is a program: `.control` blocks call a shell, `*#` lines and `*ng_script` do so,
code models (`a` elements) start processes. What is read here has none of these.
"""

import pathlib
import re
from collections.abc import Iterator

from ._includes import Place, Reading, resolved, UserFile


CARDS = (".param", ".model", ".subckt", ".ends", ".ic", ".nodeset", ".options")


CARDS += (".option", ".opt", ".temp", ".tran", ".global", ".func", ".csparam")


CARDS += (".if", ".elseif", ".else", ".endif")


PRINTED = (".save", ".print", ".plot", ".probe", ".width", ".title")


ANALYSES = (".meas", ".measure", ".four", ".op", ".ac", ".dc", ".noise", ".tf")


ANALYSES += (".sens", ".pz", ".disto")


ELEMENTS = "bcdefghijklmqrstvwxz"


def read_user_file(path: pathlib.Path, *, has_title: bool) -> UserFile:
    """Read a deck or a library, with the files that it includes.

    An included file lies beside the file that includes it, or else beside the first
    file, from whose folder ngspice may have been started; where both are there, the
    first is taken and the other one named. ngspice itself looks in the folder that it
    is started from, and then beside the including file.

    Comments are those of ngspice, see `strip_comment`. Blocks of `.control` are left
    out and named, and so are analyses other than `.tran`; the caller says what is
    printed.

    Args:
        path: The file.
        has_title: Whether its first line is a title, as that of a deck.

    Raises:
        ValueError: If the files are too large, too many or no text, a file includes
            itself or has no such section, a card might start a program, or an include
            leaves the file's folder; the message says file and line.
    """
    path = resolved(path)
    reading = Reading(path.parent)
    _read(Place(path.name, path), reading, has_title)
    return reading.result


def read_user_text(text: str) -> UserFile:
    """Read the text of a deck, whose includes have no folder.

    Raises:
        ValueError: As `read_user_file`, and at an include.
    """
    place, reading = Place("the deck"), Reading()
    _take(_logical(text.splitlines(), True, place.name, reading), place, reading)
    return reading.result


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


def _read(place: Place, reading: Reading, has_title: bool = False) -> None:
    text = reading.text_of(place)
    lines = _logical(text.splitlines(), has_title, place.name, reading)
    sections = _take(lines, place, reading)
    if place.section is not None and place.section not in sections:
        raise ValueError(
            f"`{place.name}` has no section `{place.section}`; it has "
            f"{', '.join(sections) or 'none'}: name one of these."
        )


def _logical(
    lines: list[str], has_title: bool, name: str, reading: Reading
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
    lines: Iterator[tuple[int, str]], place: Place, reading: Reading
) -> dict[str, None]:
    """Append the cards of one file, or of its section; the sections that it has."""
    inside: str | None = None
    sections: dict[str, None] = {}
    for number, card in lines:
        at = f"line {number} of {place.name}"
        word, *others = card.split(maxsplit=1)
        word, rest = word.lower(), "".join(others)
        if word == ".endl":
            inside = None
        elif word == ".lib" and _is_section(rest):
            inside = rest.strip().lower()
            sections[inside] = None
        elif inside != place.section:
            continue
        elif word in (".include", ".inc", ".lib"):
            _read(reading.included(word, rest, at, place), reading)
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
    if sections and place.section is None:
        raise ValueError(
            f"{place.name} has the sections {', '.join(sections)}, of which one is "
            f"taken: name it, as in `.lib {place.name} {next(iter(sections))}` in a "
            "file beside it."
        )
    return sections


def _is_section(rest: str) -> bool:
    """Whether `.lib` opens a section: one word, which names no file."""
    words = rest.split()
    return len(words) == 1 and not re.search(r"[./\\\"']", words[0])


def _require_value(card: str, at: str) -> None:
    """Refuse an element whose value ngspice would make up without an error."""
    if card[0].lower() in "rclvi" and len(card.split()) < 4:
        raise ValueError(f"{at}: `{_short(card)}` has no value.")


def _short(line: str) -> str:
    return line if len(line) < 60 else line[:57] + "..."
