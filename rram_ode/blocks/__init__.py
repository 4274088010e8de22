"""Behavioural circuit blocks in volts, amperes and seconds; op-amps infinitely fast."""

from ._adc import ADC as ADC
from ._amplifier import TransimpedanceAmplifier as TransimpedanceAmplifier
from ._dac import DAC as DAC
from ._integrator import FeedbackIntegrator as FeedbackIntegrator
from ._multiplier import Multiplier as Multiplier
from ._schedule import Schedule as Schedule
