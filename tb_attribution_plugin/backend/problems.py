"""What could not be read, collected for the page; the good data beside it is still answered."""

from __future__ import annotations

from tb_attribution_plugin.backend.errors import RequestError
from tb_attribution_plugin.wire import attribution_pb2 as pb

# A logdir where everything is broken is said in a screenful, not in one line for each of a million tags.
MAX_LISTED = 200


class Problems:
    """Collects up to `MAX_LISTED` and counts the rest."""

    def __init__(self) -> None:
        self._found: list[pb.Problem] = []
        self._more = 0

    def add(self, run: str, tag: str, what: RequestError | str) -> None:
        if len(self._found) == MAX_LISTED:
            self._more += 1
            return
        hint = what.hint if isinstance(what, RequestError) else ""
        self._found.append(pb.Problem(run=run, tag=tag, message=f"{what}. {hint}" if hint else str(what)))

    def listed(self) -> list[pb.Problem]:
        if not self._more:
            return self._found
        return [*self._found, pb.Problem(message=f"and {self._more} more problems")]
