"""Stored maps of several series in one answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tb_attribution_plugin.backend import blobs
from tb_attribution_plugin.backend.blob_keys import StoredStep
from tb_attribution_plugin.backend.errors import RequestError, TooMuchError
from tb_attribution_plugin.backend.parameters import SeriesName
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.wire import attribution_pb2 as pb

# The steps of a series, or why they cannot be listed.
Steps = Mapping[int, StoredStep] | RequestError


class Wanted(NamedTuple):
    """The elements of these steps of one series."""

    series: SeriesName
    steps: Sequence[int]
    elements: Sequence[int]


def check_items(wanted: Sequence[Wanted]) -> None:
    """Raises TooMuchError where so many items are more than one answer holds."""
    sizes = [f"{len(one.steps)} steps x {len(one.elements)} elements" for one in wanted]
    asked = sum(len(one.steps) * len(one.elements) for one in wanted)
    if asked > blobs.MAX_ITEMS:
        what = sizes[0] if len(sizes) == 1 else f"the steps x elements of {len(sizes)} series"
        raise TooMuchError(
            f"{what} are {asked} items; one answer holds {blobs.MAX_ITEMS}",
            "ask for fewer series, steps or elements at a time",
        )


def version(wanted: Sequence[Wanted], stored: Sequence[Steps]) -> str:
    """Changes when one of the steps was written again; made without reading a blob."""
    return blobs.version([(tuple(one), _times(one, steps)) for one, steps in zip(wanted, stored, strict=True)])


def read(data: Data, reader: blobs.BlobReader, wanted: Sequence[Wanted], stored: Sequence[Steps]) -> pb.Maps:
    """An item per series, step and element, in this order; one that is not there says why.

    Raises:
      TooMuchError: the blobs together are larger than one answer may be.
    """
    found = pb.Maps()
    readable: list[tuple[pb.MapItem, str]] = []
    for at, (one, steps) in enumerate(zip(wanted, stored, strict=True)):
        for item, key in _items(at, one, steps):
            found.items.append(item)
            if not item.error:
                readable.append((found.items[-1], key))
    answers = reader.read(data, [key for _, key in readable])
    for (item, _), blob in zip(readable, answers, strict=True):
        if isinstance(blob, RequestError):
            item.error = str(blob)
        else:
            item.blob = blob
    return found


def _items(series: int, wanted: Wanted, steps: Steps) -> Iterator[tuple[pb.MapItem, str]]:
    """Items without their blobs, and the keys of these."""
    for step in wanted.steps:
        datum = None if isinstance(steps, RequestError) else steps.get(step)
        for element in wanted.elements:
            error = key = ""
            if isinstance(steps, RequestError):
                error = str(steps)
            elif datum is None:
                error = f"no map is stored at step {step}"
            elif element >= len(datum.keys):
                has = f"{len(datum.keys)} element{'s' if len(datum.keys) != 1 else ''}"
                error = f"step {step} holds {has}, no element {element}"
            else:
                key = datum.keys[element]
            yield pb.MapItem(series=series, step=step, element=element, error=error), key


def _times(wanted: Wanted, steps: Steps) -> list[tuple[float, int] | None]:
    if isinstance(steps, RequestError):
        return []
    found = [steps.get(step) for step in wanted.steps]
    return [None if datum is None else (datum.wall_time, len(datum.keys)) for datum in found]
