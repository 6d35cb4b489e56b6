"""Made-up hits whose true shares are known, by the model that `benchmarks.intervals` describes."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

SEED = 20410


def profile(kind: str, layers: int, peak: float) -> np.ndarray:
    """True shares, (layers,). bump: Gaussian of width 0.2 of the depth, centred at 0.6 of it;
    flat: every layer at the peak; spike: one layer at the peak, the rest at a tenth of it."""
    if kind == "flat":
        return np.full(layers, peak)
    if kind == "spike":
        shares = np.full(layers, peak / 10)
        shares[layers // 2] = peak
        return shares
    depth = np.linspace(0, 1, layers)
    bump = np.exp(-0.5 * ((depth - 0.6) / 0.2) ** 2)
    return peak * bump / bump.max()


def simulate_cells(
    rng: np.random.Generator, shares: np.ndarray, segments: int, rho: float, cells: int
) -> np.ndarray:
    """Hits, bool (cells, layers, segments)."""
    shared = rng.standard_normal((cells, 1, segments), dtype=np.float32)
    own = rng.standard_normal((cells, len(shares), segments), dtype=np.float32)
    latent = np.float32(rho**0.5) * shared + np.float32((1 - rho) ** 0.5) * own
    return latent < ndtri(shares).astype(np.float32)[:, None]


def simulate_models(
    rng: np.random.Generator,
    shares: list[np.ndarray],
    segments: int,
    across: float,
    within: float,
    models: int,
) -> np.ndarray:
    """Z, (mixes, models, segments), for shares of shape (languages, layers), one array a mix."""
    cuts = [ndtri(mix).astype(np.float32)[:, :, None] for mix in shares]
    languages, layers = shares[0].shape
    out = np.empty((len(shares), models, segments))
    for m in range(models):
        latent = rng.standard_normal((languages, layers, segments), dtype=np.float32)
        latent *= np.float32((1 - within) ** 0.5)
        language = rng.standard_normal((languages, 1, segments), dtype=np.float32)
        common = rng.standard_normal(segments, dtype=np.float32)
        latent += np.float32((within - across) ** 0.5) * language
        latent += np.float32(across**0.5) * common
        for k, cut in enumerate(cuts):
            out[k, m] = (latent < cut).mean(axis=(0, 1))
    return out
