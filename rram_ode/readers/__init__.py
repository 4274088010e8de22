"""Networks that read pictures: what judges them, trained on data of its own."""

from ._augment import distort as distort, distort_all as distort_all
from ._fit import fit_reader as fit_reader, ReaderPlan as ReaderPlan
from ._network import Reader as Reader, untrained_reader as untrained_reader
from ._store import (
    load_reader as load_reader,
    READERS as READERS,
    shipped_reader as shipped_reader,
    train_reader as train_reader,
    TrainedReader as TrainedReader,
)
