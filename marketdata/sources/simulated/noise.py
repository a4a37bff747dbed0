"""Repeatable chance: a number for every key, always the same, without a state that must be replayed."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def uniform(*key: ArrayLike) -> Floats:
    """Numbers in [0, 1), one per element of the broadcast integer keys (SplitMix64 over the key's parts)."""
    state = np.zeros((), np.uint64)
    with np.errstate(over="ignore"):
        for part in key:
            state = _mixed(state ^ np.asarray(part).astype(np.int64).astype(np.uint64))
    return np.asarray((state >> np.uint64(11)) * 2.0**-53)


def normal(*key: ArrayLike) -> Floats:
    """Standard normal numbers (Box and Muller's transform of two uniform ones)."""
    radius = np.sqrt(-2 * np.log1p(-uniform(*key, 1)))
    return np.asarray(radius * np.cos(2 * np.pi * uniform(*key, 2)))


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = state + _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * _MIX_1
    state = (state ^ (state >> np.uint64(27))) * _MIX_2
    return np.asarray(state ^ (state >> np.uint64(31)))


def hexadecimal(length: int, *key: object) -> str:
    """`length` hex characters for a key."""
    return blake2b(repr(key).encode(), digest_size=(length + 1) // 2).hexdigest()[:length]


def base58(length: int, *key: object) -> str:
    """`length` base58 characters for a key."""
    return "".join(BASE58[byte % 58] for byte in blake2b(repr(key).encode(), digest_size=length).digest())
