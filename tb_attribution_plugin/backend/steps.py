"""At which steps the series of all runs have maps, read in bounded memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tb_attribution_plugin.backend.errors import RequestError, TooMuchError, UnreadableError
from tb_attribution_plugin.backend.listing import Found
from tb_attribution_plugin.backend.problems import Problems
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.backend.scalars import Points, points_by_tag
from tb_attribution_plugin.wire import names

# Of all series together. TensorBoard makes an object of 150 bytes of each; in the index it takes 24, as JSON 50.
MAX_POINTS = 1 << 20


def read(data: Data, listed: Mapping[str, Collection[str]], tags: Collection[str], problems: Problems) -> Found:
    """Points of those of our scalars that have one of the `tags`.

    Of more than `MAX_POINTS` each series has an equal share and of what shorter ones leave. Of a longer one TensorBoard
    draws a sample, the last step in it, and `problems` says so.
    """
    found: Found = {}
    longer = [(run, tag) for run, known in listed.items() for tag in known if tag in tags]
    left, share = MAX_POINTS, 0
    # A share that is not twice the last one is not worth another reading.
    while longer and left // len(longer) >= 2 * share:
        waiting, share, longer = longer, max(left // len(longer), 1), []
        # A point beyond the share tells a longer series from one that fits.
        by_run = _read(data, waiting, share + 1)
        for run, tag in waiting:
            points = by_run[run].get(tag)
            if isinstance(points, RequestError):
                problems.add(run, tag, points)
            elif points is not None:
                found.setdefault(run, {})[tag] = points
                if len(points) > share:
                    longer.append((run, tag))
                else:
                    left -= len(points)
    for run, tag in longer:
        problems.add(run, tag, _too_many(len(found[run][tag])))
    return found


def _read(data: Data, series: Sequence[tuple[str, str]], most: int) -> dict[str, Points]:
    """All at once; where some cannot be read, one by one."""
    found: dict[str, Points] = {run: {} for run, _ in series}
    try:
        for run, points in data.read_scalars(found, {tag for _, tag in series}, most=most).items():
            found[run] |= points
    except UnreadableError:
        # Not some of a run: for more than one tag the Python loader goes through the tags of all runs.
        for run, tag in series:
            found[run] |= points_by_tag(data, run, [tag], names.PLUGIN_NAME, most)
    return found


def _too_many(listed: int) -> TooMuchError:
    return TooMuchError(
        f"{listed} of its steps are listed, drawn at random: the index holds {MAX_POINTS} steps of all series",
        f"start tensorboard on a part of this directory, or with --samples_per_plugin={names.PLUGIN_NAME}=N",
    )
