"""Ink that can be read on a colour (frontend/src/math/contrast.ts)."""

from __future__ import annotations

from collections.abc import Sequence

_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)


def ink_on(background: Sequence[int]) -> tuple[int, int, int]:
    """Black or white, whichever reads better; at least 4.58 on any colour."""
    return _BLACK if contrast(_BLACK, background) >= contrast(_WHITE, background) else _WHITE


def contrast(a: Sequence[int], b: Sequence[int]) -> float:
    """Contrast ratio of two colours, 1..21 (WCAG 2.2)."""
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Sequence[int]) -> float:
    red, green, blue = (_linear(int(channel) / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
