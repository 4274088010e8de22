"""Configurations: frozen dataclasses without JAX or behaviour, by subject."""

from ._access import AccessConfig as AccessConfig
from ._axes import Axis as Axis, parse_axis as parse_axis
from ._cell import (
    CellConfig as CellConfig,
    FixedConfig as FixedConfig,
    FlickerConfig as FlickerConfig,
    ReadConfig as ReadConfig,
    TelegraphConfig as TelegraphConfig,
    ThermalConfig as ThermalConfig,
)
from ._circuit import (
    AmplifierConfig as AmplifierConfig,
    ControllerConfig as ControllerConfig,
    CrossbarConfig as CrossbarConfig,
    MultiplierConfig as MultiplierConfig,
    PowerConfig as PowerConfig,
    RewriteConfig as RewriteConfig,
)
from ._converters import ADCConfig as ADCConfig, DACConfig as DACConfig
from ._decoder import DecoderConfig as DecoderConfig
from ._design_knobs import design_knobs as design_knobs, DesignKnob as DesignKnob
from ._guidance import GuidanceConfig as GuidanceConfig
from ._ideal import idealise as idealise
from ._idealisations import idealisations as idealisations
from ._integrator import IntegratorConfig as IntegratorConfig
from ._knob import group as group, knob as knob
from ._latents import LatentsConfig as LatentsConfig
from ._op_amp import OpAmpConfig as OpAmpConfig
from ._overrides import (
    combines as combines,
    from_dict as from_dict,
    leaves as leaves,
    override_all as override_all,
    parse_pairs as parse_pairs,
    read as read,
    readings as readings,
    replace as replace,
    replace_all as replace_all,
)
from ._points import PointsConfig as PointsConfig
from ._process import ProcessConfig as ProcessConfig
from ._programming import (
    DriftConfig as DriftConfig,
    IVConfig as IVConfig,
    StuckConfig as StuckConfig,
    WriteConfig as WriteConfig,
)
from ._rectifier import RectifierConfig as RectifierConfig
from ._rules import (
    limit as limit,
    require as require,
    require_below as require_below,
    require_positive as require_positive,
)
from ._run import RunConfig as RunConfig, SolveConfig as SolveConfig
from ._start import StartConfig as StartConfig
from ._static import (
    DriverConfig as DriverConfig,
    InverterConfig as InverterConfig,
    SupplyConfig as SupplyConfig,
)
from ._task import (
    NetworkConfig as NetworkConfig,
    SDEConfig as SDEConfig,
    TrainConfig as TrainConfig,
)
from ._trim import TrimConfig as TrimConfig
from ._white import WhiteConfig as WhiteConfig
from ._wires import WiresConfig as WiresConfig
