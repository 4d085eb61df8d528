"""What could not be read, collected for the page; the good data beside it is still answered."""

from __future__ import annotations

from tb_attribution_plugin.backend.errors import RequestError
from tb_attribution_plugin.wire import attribution_pb2 as pb

# A logdir where everything is broken is said in a screenful, not in one line for each of a million tags.
MAX_LISTED = 200
# Letters of those of tags, and of the others: they carry the names of runs and tags whole, for the page to find them.
MAX_LETTERS = 1 << 20


class Problems:
    """Collects up to `MAX_LISTED` and counts the rest; what is said of no tag comes first."""

    def __init__(self) -> None:
        self._of_all, self._of_tags = _Some(), _Some()
        self._number = 0

    def add(self, run: str, tag: str, what: RequestError | str) -> None:
        (self._of_tags if tag else self._of_all).add(run, tag, what)
        self._number += 1

    def listed(self) -> list[pb.Problem]:
        found = [*self._of_all.problems, *self._of_tags.problems][:MAX_LISTED]
        more = self._number - len(found)
        return [*found, pb.Problem(message=f"and {more} more problem{'s' if more > 1 else ''}")] if more else found


class _Some:
    def __init__(self) -> None:
        self.problems: list[pb.Problem] = []
        self._letters = 0

    def add(self, run: str, tag: str, what: RequestError | str) -> None:
        if len(self.problems) == MAX_LISTED:
            return
        hint = what.hint if isinstance(what, RequestError) else ""
        message = f"{what}. {hint}" if hint else str(what)
        letters = self._letters + len(run) + len(tag) + len(message)
        if letters <= MAX_LETTERS:
            self.problems.append(pb.Problem(run=run, tag=tag, message=message))
            self._letters = letters
