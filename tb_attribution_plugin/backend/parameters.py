"""The query of a request as checked values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tb_attribution_plugin.backend.errors import BadParameterError, TooMuchError, shown

_INTEGER = re.compile(r"[0-9]{1,18}")  # below 2^63, TensorBoard's own range
MAX_SERIES = 64


class SeriesName(NamedTuple):
    """What a series is called: its run, and its tag in that run."""

    run: str
    tag: str


class Parameters:
    """The parameters of one request; what an address does not know is refused, or a typo would ask for everything."""

    def __init__(self, given: Mapping[str, Sequence[str]], known: tuple[str, ...]) -> None:
        for name in given:
            if name not in known:
                takes = f"this address takes {', '.join(known)}" if known else "this address takes no parameters"
                raise BadParameterError(f"unknown parameter {shown(name)}", takes)
        self._given = given

    def text(self, name: str) -> str:
        """A parameter that must be there."""
        values = self._all(name)
        if len(values) > 1:
            raise BadParameterError(f"parameter {name!r} is given {len(values)} times", "give it once")
        return values[0]

    def series(self) -> list[SeriesName]:
        """The first `run` with the first `tag`, the second with the second, and so on."""
        runs, tags = self._all("run"), self._all("tag")
        if len(runs) != len(tags):
            raise BadParameterError(
                f"{len(runs)} times run and {len(tags)} times tag: the i-th run and the i-th tag name a series",
                "give run=... and tag=... for each series",
            )
        if len(runs) > MAX_SERIES:
            raise TooMuchError(f"{len(runs)} series; one answer holds {MAX_SERIES}", "ask for fewer series at a time")
        return list(map(SeriesName, runs, tags))

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in allowed:
            raise BadParameterError(f"{name}={shown(value)} is not known", f"one of {', '.join(allowed)}")
        return value

    def integer(self, name: str) -> int:
        """A whole number, 0 or more."""
        return self._integer(name, self.text(name))

    def integers(self, name: str, below: int | None = None) -> list[int]:
        """Whole numbers with commas between them, at least one."""
        return self._integers(name, self.text(name), below)

    def optional_integers(self, name: str) -> list[int] | None:
        return self.integers(name) if name in self._given else None

    def integers_of(self, name: str, series: int, below: int | None = None) -> list[list[int]]:
        """For each of so many series its whole numbers, given once for all of them or once for each."""
        lists = self._all(name)
        if len(lists) not in (1, series):
            raise BadParameterError(
                f"{len(lists)} times {name} for {series} series", f"give {name}=... once for all, or once for each"
            )
        found = [self._integers(name, one, below) for one in lists]
        return found if len(found) == series else found * series

    def _all(self, name: str) -> Sequence[str]:
        try:
            return self._given[name]
        except KeyError:
            raise BadParameterError(f"parameter {name!r} is missing", f"add {name}=...") from None

    def _integers(self, name: str, text: str, below: int | None) -> list[int]:
        found = [self._integer(name, one) for one in text.split(",")]
        if below is not None and max(found) >= below:
            raise BadParameterError(f"{name}={max(found)} is too large", f"{name} are below {below}")
        return found

    def _integer(self, name: str, value: str) -> int:
        if not _INTEGER.fullmatch(value):
            raise BadParameterError(f"{name}={shown(value)} is not a whole number from 0 on", f"for example {name}=0")
        return int(value)
