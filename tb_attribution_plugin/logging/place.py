"""A writer that goes on with what is there, whatever its steps are."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from typing import Any

from tb_attribution_plugin.logging import location
from tb_attribution_plugin.logging.directory import Claim, DirectoryInUseError
from tb_attribution_plugin.logging.run_path import locked
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.wire import attribution_pb2 as pb


class Place(Claim):
    """`<log_dir>/<name>` and no other.

    Raises:
      DirectoryInUseError: somebody else writes there.
    """

    def settle(self, step: int, declared: Mapping[str, pb.MapSeries]) -> None:
        """It is decided."""

    def _take(self, wanted: Iterable[str]) -> None:
        path = location.join(self._root, self._name)
        try:
            taken = locked(path, self._root)
        except BlockingIOError as error:
            raise DirectoryInUseError(f"{path} is being written by another process; wait until it is done") from error
        self._lock = taken.lock
        self._finalizer = weakref.finalize(self, taken.give_back)


class PlaceWriter(AttributionWriter):
    """Writes to `<log_dir>/<name>` and no other. From the step of `open` on, it replaces what is there.

    Raises:
      DirectoryInUseError: somebody else writes there.
    """

    _claim = Place

    def write_whole(
        self,
        step: int,
        scalars: Mapping[str, float],
        attributions: Mapping[str, Any],
        *,
        epoch: float | None = None,
        **about: Any,
    ) -> None:
        """One step; its scalars come first, so that one whose maps are there is whole, and not where maps are refused.

        Args:
          about: outputs, targets and seconds; see `write`.
        """
        records = self._records(step, attributions, **about)
        self.open(step)
        self.scalars(step, scalars)
        self._log(step, records, epoch)
