"""Lists of what a logdir holds, made in parts where TensorBoard cannot make one whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tb_attribution_plugin.backend.errors import TooMuchError, UnreadableError

# d[run][tag]; the values are TensorBoard's time series or lists of its data.
Found = dict[str, dict[str, Any]]

# Lists of fewer and fewer runs, to find those that TensorBoard fails on; each takes it time for all runs.
MOST_ASKED = 256
# Of names and metadata. A list that TensorBoard can make whole is at most the 256 MiB that its data server sends.
MAX_BYTES = 64 << 20
# What TensorBoard makes of a series without any.
_OBJECT = 256


def in_parts(
    ask: Callable[[list[str]], Found], runs: Iterable[str], unlisted: dict[str, UnreadableError | TooMuchError]
) -> Found:
    """What `ask` lists of halves of `runs`, of halves of these, and so on.

    Runs that it fails on are put into `unlisted`, and so are the largest ones while all of them are over `MAX_BYTES`.
    """
    found: Found = {}
    sizes: dict[str, int] = {}
    waiting, asked = [list(runs)], 0
    while waiting:
        some = waiting.pop()
        try:
            if asked == MOST_ASKED:
                raise UnreadableError(f"not tried: {len(unlisted)} other runs of the logdir cannot be listed")
            asked += 1
            part = ask(some)
        except (UnreadableError, TooMuchError) as error:
            if len(some) > 1 and asked < MOST_ASKED:
                waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
            else:
                unlisted.update(dict.fromkeys(some, error))
            continue
        found |= part
        sizes |= {run: _size(tags) for run, tags in part.items()}
        while sum(sizes.values()) > MAX_BYTES:
            largest = max(sizes, key=sizes.__getitem__)
            unlisted[largest] = _too_large(sizes.pop(largest))
            del found[largest]
    return found


def _size(tags: Mapping[str, Any]) -> int:
    texts = (_OBJECT + len(one.plugin_content) + len(one.description) + len(one.display_name) for one in tags.values())
    return sum(map(len, tags)) + sum(texts)


def _too_large(size: int) -> TooMuchError:
    return TooMuchError(
        f"its tags have {size >> 20} MiB of names and metadata; {MAX_BYTES >> 20} MiB of all runs are listed",
        "start tensorboard on a directory without it",
    )
