"""What writers in these tests log, and what all readers find of it, byte by byte."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from tb_attribution_plugin.logging.event_index import EventIndex, index
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tests.logging.loaders import DataServer, PythonLoader, View

TAG = "m"
PROBE = Probe(np.linspace(0, 1, 2 * 70 * 70, dtype=np.float32).reshape(2, 70, 70, 1), [0, 1])


def scores(step: int, session: int = 0) -> np.ndarray:
    """Maps [2, 70, 70, 1] that no other step and no other session has; above the atlas's limit."""
    return np.random.default_rng([step, session]).normal(size=(2, 70, 70, 1)).astype(np.float32)


def writer(log_dir: Path | str, start_step: int = 0, name: str = "attribution") -> AttributionWriter:
    opened = AttributionWriter(log_dir, PROBE, start_step=start_step, name=name)
    opened.series(TAG, method="M")
    return opened


def log(to: AttributionWriter, steps: Iterable[int], session: int = 0) -> None:
    for step in steps:
        to.write(step, {TAG: scores(step, session)}, epoch=step // 10)


def stored(found: EventIndex, tag: str = TAG) -> dict[int, list[bytes]]:
    """Step -> the elements of a map series."""
    steps = found.values.get(f"maps/{tag}", {})
    return {step: list(found.value(f"maps/{tag}", step).tensor.string_val) for step in sorted(steps)}


def by_our_reader(directory: Path, tag: str = TAG, *, torn: bool = False) -> dict[int, list[bytes]]:
    """Of a run directory in which nothing is damaged; torn: but for the last record of a file."""
    found = index(str(directory))
    assert [problem for problem in found.problems if not (torn and "truncated" in problem)] == []
    return stored(found, tag)


def by_all(logdir: Path, run: str = "attribution", tag: str = TAG) -> dict[int, list[bytes]]:
    """The same by our reader and by TensorBoard's two loaders, started now."""
    expected = by_our_reader(logdir / run, tag)
    python, server = PythonLoader(logdir), DataServer(logdir, runs=1)
    try:
        for view in (python, server):
            agrees(view, run, expected, tag)
    finally:
        server.close()
    return expected


def agrees(view: View, run: str, expected: Mapping[int, list[bytes]], tag: str = TAG, *, more: bool = False) -> None:
    """A loader shows these steps (and no more, unless so) with these bytes, their numbers, and the probe."""
    found = view.blobs(run, f"maps/{tag}")
    assert {step: found.get(step) for step in expected} == expected
    for steps in (found, view.scalars(run, f"seconds/{tag}"), view.tensors(run, f"stats/{tag}")):
        assert set(expected) <= set(steps)
        assert more or len(steps) == len(expected)
    assert any(tag.startswith("probe/") for tag in view.tags("blob_sequences").get(run, {}))


def undisturbed(directory: Path, sessions: Mapping[int, int]) -> dict[int, list[bytes]]:
    """What a writer logs that nothing happens to; step -> session."""
    with writer(directory) as calm:
        for step, session in sorted(sessions.items()):
            log(calm, [step], session)
        return by_our_reader(Path(calm.path))


def eventually(holds: object, seconds: float = 60.0) -> None:
    """Until a call returns without an AssertionError; TensorBoard reads in the background."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            holds()  # type: ignore[operator]
            return
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
