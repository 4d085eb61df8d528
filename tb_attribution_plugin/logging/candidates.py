"""Directories that a run may be logged to, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, takewhile

from tb_attribution_plugin.logging import location
from tb_attribution_plugin.logging.stored_steps import stored_steps


def paths(root: str, name: str) -> Iterator[str]:
    """`<root>/<name>`, then `<name>-2`, `<name>-3` ..."""
    return (location.join(root, name + (f"-{n}" if n > 1 else "")) for n in count(1))


def candidates(root: str, name: str, start_step: int) -> Iterator[str]:
    """First what a fit that starts at this step may continue: one that got as far as that; among several the newest."""
    if start_step == 0:
        return paths(root, name)
    existing = list(takewhile(location.is_directory, paths(root, name)))
    found = {path: steps for path in reversed(existing) if (steps := stored_steps(path)) is not None}
    logged = sorted(found, key=lambda path: found[path][1] < start_step)
    return chain(logged, (path for path in paths(root, name) if path not in logged))
