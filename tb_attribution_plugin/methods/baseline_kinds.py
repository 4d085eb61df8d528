"""What a baseline can be, beside a number and an array; `baselines.py` says how they become points."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from tb_attribution_plugin.methods.arguments import is_whole

# Of one input, or of all inputs that go together.
MOST_PATHS = 1024


@dataclasses.dataclass(frozen=True)
class Constants:
    """Every feature at one value; several values are averaged over."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.values):
            raise ValueError(f"Constants needs at least one value; got {self.values!r}")


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """Averages over whole inputs [K, ...] from a background; None takes the probe's."""

    rows: Any = None


@dataclasses.dataclass(frozen=True)
class Blurred:
    """The input itself, blurred over its height and width by a Gaussian of `sigma` pixels."""

    sigma: float = 10.0

    def __post_init__(self) -> None:
        if not 0 < self.sigma < math.inf:
            raise ValueError(f"sigma of Blurred must be above 0; got {self.sigma!r}")


@dataclasses.dataclass(frozen=True, eq=False)
class Mean:
    """The mean row of a background [K, ...], one baseline; None takes the probe's."""

    rows: Any = None


@dataclasses.dataclass(frozen=True)
class Uniform:
    """Averages over `count` inputs of random values, the same for all examples and at every step.

    Each channel or column is drawn between its smallest and its largest value in the probe.
    """

    count: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least, most in (("count", 1, MOST_PATHS), ("seed", 0, 2**64 - 1)):
            value = getattr(self, name)
            if not is_whole(value, least, most):
                raise ValueError(f"{name} of Uniform must be a whole number from {least} to {most}; got {value!r}")


@dataclasses.dataclass(frozen=True, eq=False)
class Average:
    """Averages over the points of several baselines of any kind; every point counts equally."""

    baselines: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.baselines, list | tuple) or not self.baselines:
            raise ValueError(f"Average needs a tuple of baselines, at least one; got {self.baselines!r}")
