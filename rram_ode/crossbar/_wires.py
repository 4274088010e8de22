"""The resistance of an array's wires, and which end of each is driven or sensed."""

import dataclasses

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._checks import non_negative


class Wires(eqx.Module):
    r"""Word lines that carry voltages in, bit lines that carry currents out.

    ```text
       v_0 ~driver~word~ * ~word~ * ~word~ *          each * is two nodes joined by a
                         :        :        :          cell: one on the word line (~),
                        bit      bit      bit         one on the bit line (:)
                         :        :        :
       v_1 ~driver~word~ * ~word~ * ~word~ *
                         :        :        :
                        bit      bit      bit         sensing="opposite", driving="left"
                         :        :        :
                       sense    sense    sense
                         :        :        :
                        i_0      i_1      i_2         virtual grounds
    ```

    A line of n cells has n segments: n - 1 between neighbours and one to its end. The
    bit lines are sensed

    * `opposite`: at the far end from row 0, next to the last (constant) row;
    * `same`: at the end next to row 0;
    * `interleaved`: columns 0, 2, ... opposite, columns 1, 3, ... same.

    The word lines are driven

    * `left`: at column 0;
    * `interleaved`: rows 0, 2, ... at column 0, rows 1, 3, ... at the last column.

    The other ends are open. Any resistance may be zero; without any resistance the
    effective conductances are those of the cells.

    Args:
        word_line: Resistance of a segment of a word line, in ohms.
        bit_line: Resistance of a segment of a bit line, in ohms.
        driver: Output resistance of a row's driver, in ohms.
        sense: Resistance between a bit line's end and its virtual ground, in ohms.
        sensing: `opposite`, `same` or `interleaved`.
        driving: `left` or `interleaved`.

    Raises:
        ValueError: If a resistance is negative or not finite, or an end is unknown.
    """

    word_line: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    bit_line: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    driver: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    sense: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    sensing: str = eqx.field(static=True, default="opposite")
    driving: str = eqx.field(static=True, default="left")

    def __check_init__(self):
        for name in ("word_line", "bit_line", "driver", "sense"):
            non_negative(f"wires.{name}", getattr(self, name), "ohm")
        for name, known in (
            ("sensing", ("opposite", "same", "interleaved")),
            ("driving", ("left", "interleaved")),
        ):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"`wires.{name}` must be one of {', '.join(known)}; got "
                    f"{getattr(self, name)!r}."
                )

    def in_parallel(self, count: int) -> "Wires":
        """The lines of `count` arrays that share drivers and virtual grounds.

        The cells of a weight lie in as many arrays, whose lines are in parallel: to
        nearly equal cells they are one line of a `count`-th of the resistance.
        """
        if count == 1:
            return self
        return dataclasses.replace(
            self, word_line=self.word_line / count, bit_line=self.bit_line / count
        )

    def is_sensed_at_row_0(self, cols: int) -> np.ndarray:
        """Whether the bit line of each column ends next to row 0."""
        odd = np.arange(cols) % 2 == 1
        return {
            "opposite": np.zeros_like(odd),
            "same": np.ones_like(odd),
            "interleaved": odd,
        }[self.sensing]

    def is_driven_at_column_0(self, rows: int) -> np.ndarray:
        """Whether the driver of each row is next to column 0."""
        even = np.arange(rows) % 2 == 0
        return even if self.driving == "interleaved" else np.ones_like(even)
