"""Numbers that are folded into keys: each starts a stream of draws of its own.

Each parent key has one enumeration, whose members have different numbers, so that no
two things are drawn from one key. A stream with many parts (layers, samples)
folds the number of the part into the key of the stream. `jax.random.split(key, n)`
takes the numbers 0 to n - 1 of its key, so a key that is split has no other streams.
"""

import enum


class SeedStream(enum.IntEnum):
    """Streams of a seed of the command lines."""

    RUN = 0  # starts, injected noise, digital sampler
    CHIP = 1  # the chip of a chip seed
    DATA = 2  # fresh data that judges samples, then the number of the data set


class RunStream(enum.IntEnum):
    """Streams of the key of a run."""

    STARTS = 0  # Gaussian starts of all samples
    INJECTED = 1  # injected noise of the analog reverse SDE
    JUDGING_DATA = 2  # data that judges a training
    FLOOR_DATA = 3  # other data, judged by the first
    SAMPLER = 4  # a stochastic digital sampler, then the number of the sample
    CLASSES = 5  # the classes that samples are asked for


class ChipStream(enum.IntEnum):
    """Streams of the key that a chip is programmed with."""

    CELLS = 0  # all errors of programming; see `CellStream`
    CIRCUIT = 1  # offsets and mismatch of the integrators; see `CircuitStream`
    LAB_TIME = 2  # everything that fluctuates; see `LabStream`
    REFERENCES = 3  # mismatch of reference columns, then the layer
    TRAINING_FLICKER = 4  # 1/f noise frozen for one step of a training, then the layer
    SPARE_COLUMNS = 5  # cells of spare columns, then the layer and the half
    REFERENCE_CELLS = 6  # cells of the columns that measure R_f G, then layer and half
    TEST_READS = 7  # errors of the reads of a test bench, then the layer
    ACCESS = 8  # thresholds of the access transistors, then layer and half
    MONITOR = 9  # cells of the column that tells when to rewrite; see `CellStream`
    TEST_CELLS = 10  # cells' noise in the reads of a test bench; see `BenchStream`
    NULL_ARRAY = 11  # the identity of the null label's array; see `ChipStream`
    DECODER = 12  # those of the decoder's arrays, then the stage; see `ChipStream`
    HOLD_RECTIFIERS = 13  # rectifiers ahead of the holds of a decoder's stage
    HOLDS = 14  # charge that the switches of these holds inject


class BenchStream(enum.IntEnum):
    """Streams of `ChipStream.TEST_CELLS`."""

    WHITE = 0  # white noise in reads of columns, then the layer
    THERMAL = 1  # thermal and shot noise in reads of columns, then the layer
    TOGETHER = 2  # 1/f noise that all reads of a column share, then the layer
    APART = 3  # 1/f noise of each read of a column, then the layer
    READ_BACK = 4  # read-back of all cells, then the array
    SPARE_BACK = 5  # read-back of spare columns, then the array
    REFERENCE = 6  # reads of reference columns, then the array
    MULTIPLIERS = 7  # errors of reads of multipliers
    REFERENCE_IN_USE = 8  # reads of reference columns in use, then the array


class CellStream(enum.IntEnum):
    """Streams of the key that an array is written with: one per error of a cell."""

    LEVELS = 0  # draws nothing
    WRITE = 1  # write noise of a constant spread
    WRITE_RELATIVE = 2  # write noise in proportion to the target
    DEVICE_WRITE = 3  # the write noise of the device, or the pulses of write-verify
    STUCK = 4  # which cells do not move, and where they stand
    FIXED = 5  # read noise so slow that it does not change during a run
    DEVICE_TO_DEVICE = 6  # errors that a cell repeats in every cycle
    DRIFT = 7  # change over the age
    SYSTEMATIC = 8  # draws nothing


class CircuitStream(enum.IntEnum):
    """Streams of `ChipStream.CIRCUIT`, whose own key draws the integrators' errors."""

    MULTIPLIERS = 1  # gains, offsets and nonlinearities of the multipliers
    START = 2  # charge that the switches inject
    STATIC = 3  # row drivers, inverters and rectifiers of all layers, and the supplies
    DIE = 4  # resistors and capacitors, which all blocks share
    CELL_TEMPERATURE = 5  # temperature coefficients of cells, then the array
    MULTIPLIER_DRIFT = 6  # drift of multipliers' offsets with temperature
    GUIDANCE = 7  # gains, offsets and nonlinearities of the guidance stage
    GUIDANCE_DRIFT = 8  # drift of its offsets with temperature
    GUIDANCE_HOLDS = 9  # charge that the switches of the holds inject


class LabStream(enum.IntEnum):
    """Streams of `Chip.key`: noise in lab time, and what is added after programming."""

    WHITE = 0  # white read noise
    FLICKER = 1  # 1/f read noise
    TELEGRAPH = 2  # states of the traps
    THERMAL = 3  # thermal and shot noise
    TRAPS = 4  # amplitudes and dwell times of the traps, then layer, half and cell
    OP_AMP_OFFSETS = 10  # offsets of transimpedance amplifiers, then the layer
    AUTO_ZERO_RESIDUALS = 11  # offsets that remain after auto-zero, then the stage
    CORRECTIONS = 12  # cells of a low-rank correction, then the layer
    OFFSET_DRIFTS = 13  # drift of op-amps' offsets with temperature, then the stage
    OP_AMP_NOISE = 20  # noise of op-amps and resistors
    OP_AMP_STARTS = 21  # noise that the pre-charge switch leaves on the integrators
    AUTO_ZERO_SAMPLES = 22  # noise that auto-zero samples, once per solve
    OP_AMP_FLICKER = 23  # 1/f noise of op-amps
    COMMON = 24  # noise of supply and ground
    COMMON_STORED = 25  # what auto-zero stores of it, once per solve
    MULTIPLIER_NOISE = 26  # white noise of the multipliers
    SKEW = 27  # how late each channel of the DAC is
    JITTER = 28  # when a solve ends
    MULTIPLIER_FLICKER = 29  # 1/f noise of the multipliers
    HAND_OVER = 30  # noise of the ADC that reads the end of a solve, or the pixels
    HOLD = 31  # noise that switches sample: with the end of a solve, in a decoder
    EDGES = 32  # how late each update of the DAC is
    NULL_ARRAY = 33  # what is drawn of the null label's array alone; see `LabStream`
    GUIDANCE_NOISE = 34  # white noise of the guidance stage
    GUIDANCE_FLICKER = 35  # 1/f noise of the guidance stage
    GUIDANCE_HOLDS = 36  # noise that each hold of a switched array samples
    DECODER = 37  # what is drawn of the decoder's arrays, then the stage; `LabStream`


class TelegraphStream(enum.IntEnum):
    """Streams of the key of a telegraph process without cells of its own."""

    TRAPS = 0  # see `TrapStream`
    STATES = 1  # switching


class TrapStream(enum.IntEnum):
    """Streams of the key of a cell's traps."""

    PRESENCE = 0  # whether there is a trap
    AMPLITUDE = 1  # the relative jump
    HIGH = 2  # dwell time in the high state
    LOW = 3  # dwell time in the low state


class TrainingStream(enum.IntEnum):
    """Streams of the seed of a training."""

    WEIGHTS = 0  # the untrained network
    STEPS = 1  # batches and noise, then the number of the step


class TrialStream(enum.IntEnum):
    """Streams of the seed of a trial of techniques, each then the number of a part."""

    CALIBRATION = 0  # starts that ranges and thresholds come from
    JUDGED = 1  # starts of the samples
    DATA = 2  # data that judges them


class BatchStream(enum.IntEnum):
    """Streams of the key of a batch; `jax.random.split` draws the first three."""

    DATA = 0  # the data
    TIMES = 1  # their diffusion times
    NOISE = 2  # what noises them
    DROPPED = 3  # which labels are dropped


class NoiseDrawStream(enum.IntEnum):
    """Streams of the key of one draw of noise in a training step."""

    PROPORTIONAL = 0  # noise in proportion to the weights
    COLUMNS = 1  # noise in proportion to the columns' largest weight
    CHIP = 2  # a chip, and its read noise


class TrainingReadStream(enum.IntEnum):
    """Streams of the key of the read noise in a training step; then the layer."""

    WHITE = 0  # white read noise
    THERMAL = 1  # thermal and shot noise
