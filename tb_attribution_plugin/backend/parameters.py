"""The query of a request as checked values."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tb_attribution_plugin.backend.errors import BadParameterError, shown

_INTEGER = re.compile(r"[0-9]{1,18}")  # below 2^63, TensorBoard's own range


class Parameters:
    """The parameters of one request; what an address does not know is refused, or a typo would ask for everything."""

    def __init__(self, given: Mapping[str, str], known: tuple[str, ...]) -> None:
        for name in given:
            if name not in known:
                takes = f"this address takes {', '.join(known)}" if known else "this address takes no parameters"
                raise BadParameterError(f"unknown parameter {shown(name)}", takes)
        self._given = given

    def text(self, name: str) -> str:
        """A parameter that must be there."""
        try:
            return self._given[name]
        except KeyError:
            raise BadParameterError(f"parameter {name!r} is missing", f"add {name}=...") from None

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
        found = [self._integer(name, one) for one in self.text(name).split(",")]
        if below is not None and max(found) >= below:
            raise BadParameterError(f"{name}={max(found)} is too large", f"{name} are below {below}")
        return found

    def optional_integers(self, name: str) -> list[int] | None:
        return self.integers(name) if name in self._given else None

    def _integer(self, name: str, value: str) -> int:
        if not _INTEGER.fullmatch(value):
            raise BadParameterError(f"{name}={shown(value)} is not a whole number from 0 on", f"for example {name}=0")
        return int(value)
