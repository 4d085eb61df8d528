"""Colour maps, drawn through the knots that the page is built from (tests/golden/drawing holds them for both)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

DIVERGING = ("RdBu", "PuOr")
SEQUENTIAL = ("viridis", "cividis", "magma", "grey")

# What the ends of a diverging map look like, in words: positive, negative.
END_WORDS = {"RdBu": ("red", "blue"), "PuOr": ("orange", "purple")}

# Evenly spaced. Diverging ones run from the positive end to the negative one, and the middle is neutral.
_KNOTS = {
    "RdBu": "b2182b d6604d f4a582 fddbc7 f7f7f7 d1e5f0 92c5de 4393c3 2166ac",
    "PuOr": "b35806 e08214 fdb863 fee0b6 f7f7f7 d8daeb b2abd2 8073ac 542788",
    "viridis": (
        "440154 470d60 48186a 482374 472d7b 453781 424086 3e4989 3b528b 375b8d 33638d 2f6b8e 2c728e 297a8e "
        "26828e 23898e 21918c 1f988b 1fa088 22a785 28ae80 32b67a 3fbc73 4ec36b 5ec962 70cf57 84d44b 98d83e "
        "addc30 c2df23 d8e219 ece51b fde725"
    ),
    "cividis": (
        "002051 00265d 012b65 083169 11366c 1c3c6e 26426e 31476e 3c4d6e 47536d 51586e 5a5e6e 62646f 6a6a70 "
        "727071 797673 7f7c75 868276 8c8877 938e78 9a9478 a19b78 a9a177 b2a874 bbaf71 c5b66d cebd68 d8c462 "
        "e2cb5c ebd355 f3da4f fae249 fdea45"
    ),
    "magma": (
        "000004 030312 0a0822 130d34 1d1147 29115a 36106b 440f76 51127c 5d177f 6a1c81 762181 832681 902a81 "
        "9c2e7f aa337d b73779 c43c75 d0416f dc4869 e75263 ef5d5e f56b5c f9795d fc8961 fd9869 fea772 feb67c "
        "fec488 fed395 fde2a3 fcf0b2 fcfdbf"
    ),
    "grey": (
        "000000 090909 131313 1c1c1c 262626 313131 3b3b3b 464646 505050 595959 626262 6b6b6b 737373 7c7c7c "
        "858585 8e8e8e 979797 a0a0a0 a9a9a9 b2b2b2 bbbbbb c3c3c3 cbcbcb d2d2d2 d8d8d8 dedede e4e4e4 eaeaea "
        "efefef f3f3f3 f7f7f7 fbfbfb ffffff"
    ),
}


def knots(colours: str) -> Bytes:
    """[n, 3].

    Raises:
      ValueError: there is no such map.
    """
    if colours not in _KNOTS:
        raise ValueError(f"colours {colours!r} are not known; they are one of {list(_KNOTS)}")
    return np.frombuffer(bytes.fromhex(_KNOTS[colours].replace(" ", "")), np.uint8).reshape(-1, 3)


def rgb(colours: str, places: Any) -> Bytes:
    """Colours of places on a map, piecewise linear between its knots in sRGB.

    Args:
      places: diverging: -1 (negative end) .. 1 (positive end), 0 is exactly neutral; sequential: 0 .. 1. Clamped.

    Returns:
      [..., 3].
    """
    colour = knots(colours).astype(np.float64)
    place = np.asarray(places, np.float64)
    share = (1 - place) / 2 if colours in DIVERGING else place
    at = np.clip(share, 0, 1) * (len(colour) - 1)
    low = np.minimum(len(colour) - 2, np.floor(at)).astype(np.int64)
    mixed = colour[low] + (colour[low + 1] - colour[low]) * (at - low)[..., None]
    return rounded(mixed).astype(np.uint8)


def rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Halves go up, as they do in the browser."""
    return np.floor(values + 0.5)
