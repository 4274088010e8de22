"""Array types of the package: shape in the annotation, SI unit in the name's comment.

Batches are features first: `*samples` is empty for one sample, `num_samples` for many.
"""

from jaxtyping import Array, ArrayLike, Float, PRNGKeyArray, Shaped


Scalar = Float[Array, ""]


RealScalarLike = Float[ArrayLike, ""]  # what diffrax calls with


Times = Float[Array, " times"]  # diffusion time, dimensionless


Taus = Float[Array, "*times"]  # circuit time, one or many


Seconds = Float[Array, " times"]  # circuit time


State = Float[Array, "dim ..."]  # state of the flow, dimensionless


Points = Float[Array, "num_samples dim"]  # a data set, samples first


Weights = Float[Array, "rows cols"]  # dimensionless, inputs on rows


Conductances = Float[Array, "rows cols"]  # siemens


Cells = Float[Array, "_ _ _"]  # siemens; (cells in parallel, rows, columns) of a layer


Voltages = Float[Array, "rows ..."]  # volts


DrivenVoltages = Float[Array, "driven ..."]  # volts, without the constant row


Currents = Float[Array, "cols ..."]  # amperes


SupplyCurrents = Float[Array, "kinds ..."]  # amperes


ColumnVoltages = Float[Array, "cols ..."]  # volts, one for each column's amplifier


ColumnValues = Float[Array, "cols ..."]  # one for each column and sample


CellValues = Float[Array, "rows cols *samples"]  # one for each cell and sample


ProcessValues = Float[Array, "times *shape"]  # values of copies of a noise process


TrapValues = Float[Array, "traps *cells"]  # one for each trap of each cell


Key = PRNGKeyArray


Keys = Shaped[PRNGKeyArray, " samples"]  # one key per sample
