"""Welch's estimate of a held path in bands, against a law."""

import jax.numpy as jnp
import numpy as np
import scipy.fft


def contiguous(values):
    """`(holds, cells, samples)` to `(cells, times)`, for a clock without reset."""
    series = np.moveaxis(np.asarray(values, np.float32), 1, 0)
    return np.swapaxes(series, 1, 2).reshape(series.shape[0], -1)


def band_density(series, dt, bands):
    """Mean periodogram over the rows and over each band, and its standard error.

    The path holds each value for `dt`: its Fourier transform is that of the values
    times sinc(f dt), exactly.
    """
    rows, num = series.shape
    f, window = np.fft.rfftfreq(num, dt), np.hanning(num).astype(series.dtype)
    factor = np.sinc(f * dt) ** 2 * 2 * dt / np.sum(window**2)
    inside = [(f >= a) & (f < b) for a, b in zip(bands[:-1], bands[1:], strict=True)]
    each = []
    for part in np.split(series, range(64, rows, 64)):  # of all rows it would be 1 GB
        power = np.abs(np.asarray(scipy.fft.rfft(part * window, axis=1))) ** 2
        power *= factor.astype(power.dtype)
        each.append(np.stack([power[:, keep].mean(axis=1) for keep in inside], axis=1))
    each = np.concatenate(each)
    return each.mean(axis=0), each.std(axis=0) / np.sqrt(rows), f, inside


def density_ratio(law, series, dt, bands):
    """Measured over the law's, in each band, and the standard error of that."""
    density, error, f, inside = band_density(series, dt, bands)
    wanted = np.asarray(law.psd(jnp.asarray(f[1:])))
    wanted = np.concatenate([[0.0], wanted])
    wanted = np.array([wanted[keep].mean() for keep in inside])
    return density / wanted, error / wanted
