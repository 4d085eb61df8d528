"""What each run says about itself, as much of it as the index carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tb_attribution_plugin.backend import metadata
from tb_attribution_plugin.backend.errors import TooMuchError, UnreadableError, shown
from tb_attribution_plugin.backend.problems import Problems
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

# Names and metadata of all runs; a writer's series has some 2 KB. As JSON a byte may take six.
MAX_BYTES = 16 << 20
# What a name or a message takes beside its bytes; an empty message has two.
_OBJECT = 64


class Listed(NamedTuple):
    """What TensorBoard lists of one run, by tag: our blobs, and the ordinary scalars."""

    blobs: Mapping[str, Any]
    ordinary: Mapping[str, Any]

    def size(self) -> int:
        ordinary = sum(_OBJECT + len(tag) for tag in self.ordinary)
        return ordinary + sum(_size(tag, one) for tag, one in self.blobs.items())


class Described(NamedTuple):
    """A run without its series, and these, without their steps, by the tag that a page asks for."""

    run: pb.Run
    series: dict[str, pb.MapSeries]


class _Room:
    def __init__(self, size: int) -> None:
        self.left = size

    def takes(self, size: int) -> bool:
        if size > self.left:
            return False
        self.left -= size
        return True


def describe(listed: Mapping[str, Listed], problems: Problems) -> Iterator[Described]:
    """The runs. Each has an equal share of `MAX_BYTES` and of what smaller ones leave, so that a run of very many
    series costs the others nothing.
    """
    left, missing = MAX_BYTES, 0
    smallest_first = sorted(listed, key=lambda run: (listed[run].size(), run))
    for before, run in enumerate(smallest_first):
        share = left // (len(listed) - before)
        room = _Room(share)
        if room.takes(_OBJECT + 2 * len(run)):
            yield _described(run, listed[run], room, problems)
        else:
            missing += 1
        left -= share - room.left
    if missing:
        problems.add("", "", _too_much(f"{missing} of {len(listed)} runs"))


def _described(run: str, listed: Listed, room: _Room, problems: Problems) -> Described:
    group, _, name = run.rpartition("/")
    found = Described(pb.Run(run=run, group=group, name=name), {})
    left_out = 0
    # Without its probe a page shows nothing of a series.
    for tag, blobs in sorted(listed.blobs.items(), key=lambda item: (not item[0].startswith(names.PROBE), item[0])):
        if blobs.max_step is None:
            continue  # a fit that was resumed replaces all steps, and has logged none yet
        try:
            if not room.takes(_size(tag, blobs)):
                left_out += 1
            elif tag.startswith(names.PROBE):
                metadata.parse(blobs.plugin_content, "probe")
                found.run.probe_hashes.append(tag.removeprefix(names.PROBE))
            elif tag.startswith(names.MAPS):
                series = _series(run, tag, blobs.plugin_content, problems)
                messages = len(series.grids) + len(series.parameters) + len(series.versions)
                if room.takes(_OBJECT * messages):
                    found.series[series.tag] = series
                else:
                    left_out += 1
        except UnreadableError as error:
            problems.add(run, tag, error)
    found.run.scalars.extend(tag for tag in sorted(listed.ordinary) if room.takes(_OBJECT + len(tag)))
    left_out += len(listed.ordinary) - len(found.run.scalars)
    if left_out:
        problems.add(run, "", _too_much(f"{left_out} of its {len(listed.blobs) + len(listed.ordinary)} series"))
    return found


def _series(run: str, tag: str, content: bytes, problems: Problems) -> pb.MapSeries:
    series = metadata.map_series(content)
    asked_by = tag.removeprefix(names.MAPS)
    if series.tag != asked_by:
        problems.add(run, tag, f"the metadata names the series {shown(series.tag)}; it is shown under its tag")
        series.tag = asked_by
    return series


def _size(tag: str, blobs: Any) -> int:
    return _OBJECT + len(tag) + len(blobs.plugin_content)


def _too_much(what: str) -> TooMuchError:
    return TooMuchError(
        f"{what} are left out: the index holds {MAX_BYTES >> 20} MiB of names and metadata of all runs",
        "start tensorboard on a part of this directory",
    )
