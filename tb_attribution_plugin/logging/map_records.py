"""The records of a step: one for each series, with its maps and all that is said of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.arguments import check_outputs, check_tag
from tb_attribution_plugin.logging.description import Storage, Traits, describe
from tb_attribution_plugin.logging.segments import DrawnSegments
from tb_attribution_plugin.logging.series import Series, per_example
from tb_attribution_plugin.logging.stored_grids import check_storage
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb


class Record(NamedTuple):
    """One series at one step; `written` is called once it is on disk."""

    content: bytes
    written: Callable[[], None]


class MapRecords:
    """Knows what was declared of each series.

    Attributes:
      declared: metadata by tag.
    """

    def __init__(self, probe: Probe, storage: Storage) -> None:
        self.declared: dict[str, pb.MapSeries] = {}
        self._probe = probe
        self._storage = storage
        self._traits: dict[str, Traits] = {}
        self._series: dict[str, Series] = {}
        self._previous: dict[str, Any] = {}

    def declare(self, tag: str, traits: Traits, **about: Any) -> None:
        """Once, before the first step; see `AttributionWriter.series`."""
        if check_tag(tag) in self.declared:
            raise ValueError(f"series {tag!r} is already declared; declare it once, or give the other one another tag")
        self.declared[tag] = describe(tag, self._probe, self._storage, **about)
        self._traits[tag] = traits

    def follow(self, tag: str, stored: pb.MapSeries, cells: Any) -> None:
        """See `AttributionWriter.follow`."""
        check_storage(stored, self._probe, self._storage, self._traits[tag])
        self.declared[tag].grids.extend(stored.grids)
        self.declared[tag].channels_summed = stored.channels_summed
        self._previous[tag] = cells

    def withdraw(self, tags: Iterable[str]) -> None:
        """As if they had never been declared: a step that declared them is refused."""
        for tag in tags:
            self.declared.pop(tag, None)
            self._series.pop(tag, None)

    def records(
        self,
        step: int,
        attributions: Mapping[str, Any],
        outputs: Any,
        targets: Mapping[str, Any],
        seconds: Mapping[str, float],
        segments: Any,
    ) -> list[Record]:
        """See `AttributionWriter.write`, and `describe_segments`.

        Raises:
          ValueError: what does not fit the probe or the series.
        """
        by_tag = outputs if isinstance(outputs, Mapping) else dict.fromkeys(attributions, outputs)
        predictions = {tag: check_outputs(value, self._probe.size) for tag, value in by_tag.items()}
        for given, what in ((targets, "targets"), (seconds, "seconds"), (by_tag, "outputs")):
            unknown = [tag for tag in given if tag not in attributions]
            if unknown:
                raise ValueError(f"{what} has the tag {unknown[0]!r}, but attributions has {list(attributions)}")
        found = []
        drawn = DrawnSegments(self._probe, segments)
        for tag, value in attributions.items():
            attribution = self._attribution(tag, value)
            new = Series(self.declared[tag], self._probe, self._storage, drawn, self._traits[tag])
            new.written(self._previous.get(tag))
            series = self._series.setdefault(tag, new)
            target = per_example(targets[tag], self._probe.size, f"targets of {tag!r}") if tag in targets else None
            values, cells = series.values(attribution, predictions.get(tag), target, float(seconds.get(tag, 0.0)))
            found.append(Record(events.summary(step, values), functools.partial(series.written, cells)))
        return found

    def _attribution(self, tag: str, value: Any) -> Attribution:
        if tag in self.declared:
            return value if isinstance(value, Attribution) else Attribution(value)
        raise ValueError(
            f"series {tag!r} is a plain array and not declared, so nothing says what it shows; call "
            f"writer.series({tag!r}, method=..., signed=..., target=...) once before the first write"
        )
