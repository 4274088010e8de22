"""Files that a user's file includes: where they lie, and how much of them is read."""

import dataclasses
import os
import pathlib
import re
from collections.abc import Iterator

from .._core._own_files import read_file


LARGEST = 64 * 1024 * 1024  # bytes of a file with all that it includes


MOST_LINES = 1_000_000  # of all of them; each takes a microsecond (assumed)


MOST = 1000  # files, one of them as often as it is included


DEEPEST = 20  # files within one another


_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # those of `str.splitlines`


_QUOTED = re.compile(r"""^(?:"([^"]+)"|'([^']+)'|(\S+))\s*(\S*)""")


@dataclasses.dataclass(frozen=True)
class UserFile:
    """The cards of a user's file.

    Args:
        cards: One card a line, without comments; includes are in their place.
        left_out: One sentence for each part that is not among the cards.
        paths: The files that were read, itself first, each once.
    """

    cards: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    paths: tuple[pathlib.Path, ...] = ()

    @property
    def text(self) -> str:
        """The cards as a deck, below an empty title."""
        return "\n".join(["*", *self.cards])


@dataclasses.dataclass(frozen=True)
class Place:
    """One file, or one section of it, as another one includes it.

    Args:
        name: Name for messages: the path from the folder of the first file.
        path: The file; `None` for a text.
        section: Name of its section that is taken; `None` for a file without sections.
        within: Where it is included; `None` for the first file.
    """

    name: str
    path: pathlib.Path | None = None
    section: str | None = None
    within: "Place | None" = None

    @property
    def around(self) -> Iterator["Place"]:
        """The files that include it, the nearest first."""
        at = self.within
        while at is not None:
            yield at
            at = at.within


@dataclasses.dataclass
class Reading:
    """What has been read so far of a file and of all that it includes.

    Args:
        folder: That of the file; `None` for a text, which includes nothing.
        cards: As of `UserFile`.
        left_out: As of `UserFile`.
        paths: Every file as it is read; one that is included twice is there twice.
        size: Bytes of all of them.
        num_lines: Lines of all of them.
    """

    folder: pathlib.Path | None = None
    cards: list[str] = dataclasses.field(default_factory=list)
    left_out: list[str] = dataclasses.field(default_factory=list)
    paths: list[pathlib.Path] = dataclasses.field(default_factory=list)
    size: int = 0
    num_lines: int = 0

    @property
    def result(self) -> UserFile:
        """All of it, each sentence and each file once."""
        told, paths = dict.fromkeys(self.left_out), dict.fromkeys(self.paths)
        return UserFile(tuple(self.cards), tuple(told), tuple(paths))

    def text_of(self, place: Place) -> str:
        """The text of a file, which counts among those that were read.

        Raises:
            ValueError: If there is no such file, it is no plain file or no text, or the
                files are too large or too many.
            OSError: If it cannot be read.
        """
        path = place.path
        if path is None or not os.path.lexists(path):
            raise ValueError(f"there is no file `{path}`: give the path of one.")
        self.paths.append(path)
        data = read_file(path, LARGEST)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
        self.size += len(data)
        self.num_lines += sum(map(text.count, _LINE_ENDS))
        is_large = self.size > LARGEST or len(self.paths) > MOST
        if is_large or self.num_lines > MOST_LINES:
            what = "" if len(self.paths) == 1 else " with all that it includes"
            raise ValueError(
                f"`{self.paths[0].name}`{what} is larger than the {LARGEST >> 20} MB "
                f"in {MOST} files that are read, or has more than {MOST_LINES} lines: "
                "leave out what the circuit does not need."
            )
        if "\0" in text:
            raise ValueError(
                f"`{place.name}` is no text, as it has a byte of 0: save it as text."
            )
        return text

    def included(self, word: str, rest: str, at: str, place: Place) -> Place:
        """The file that a card includes, and the section of it that is taken.

        Args:
            word: `.include` or `.lib`, whose last word is a section.
            rest: The rest of the card.
            at: Its line, for messages.
            place: The file that the card is in.

        Raises:
            ValueError: If the card names no file, one outside the first file's folder,
                or one that includes itself.
        """
        found, folder = _QUOTED.match(rest.strip()), self.folder
        if found is None or folder is None or place.path is None:
            raise ValueError(
                f"{at}: `{word}` names a file beside that of the deck: give its name."
            )
        text = found[1] or found[2] or found[3]
        near, top = (resolved(each / text) for each in (place.path.parent, folder))
        path = near if near.is_file() or not top.is_file() else top
        if not path.is_relative_to(folder):
            raise ValueError(
                f"{at}: `{text}` is outside the folder of the file: copy it beside it."
            )
        name = str(path.relative_to(folder))
        if path == near != top and top.is_file():
            first = self.paths[0].name
            self.left_out.append(f"{text} beside {first}: {at} includes {name}.")
        section = found[4].lower() if word == ".lib" else ""
        inner = Place(name, path, section or None, place)
        around = [(each.path, each.section) for each in inner.around]
        if (inner.path, inner.section) in around:
            raise ValueError(f"{at}: `{name}` includes itself: take the card out.")
        if len(around) > DEEPEST:
            raise ValueError(
                f"{at}: more than {DEEPEST} files include one another: join some."
            )
        return inner


def resolved(path: pathlib.Path) -> pathlib.Path:
    """The file that a path leads to; a link in a circle leads to itself."""
    return pathlib.Path(os.path.realpath(path))
