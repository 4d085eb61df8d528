"""Small logs with maps that are known."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.exporting.choice import Choice, Most, choose
from tb_attribution_plugin.logging.read import read
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe

ALL = Most(None, None, None)
HOSTILE = '</script><img src=x onerror="hacked=1">&\''
PICTURES = np.full((3, 16, 16, 3), 100, np.uint8)


def halves(step: int) -> np.ndarray:
    """[3, 16, 16]: of example e the left half is -(step + e), the right one step + e."""
    values = (step + np.arange(3.0))[:, None, None] * np.where(np.arange(16) < 8, -1.0, 1.0)
    return np.broadcast_to(values, (3, 16, 16)).astype(np.float32)


def pictures(logdir: Path, *steps: int, name: str = "halves", **probe: Any) -> None:
    """One series with all that is said of it."""
    about = Probe(PICTURES, [0, 1, 1], class_names=["cat", "dog"], **probe)
    with AttributionWriter(logdir, about, store="float32") as writer:
        writer.series(
            name, method="Halves", target="label", scalar="margin", parameters={"side": 8, "baseline": "auto"},
            error_kind="gap",
        )  # fmt: skip
        writer.describe_baseline("black")
        for step in steps:
            found = Attribution(halves(step), outputs=np.arange(3.0), residual=np.full(3, -0.5))
            outputs = np.tile([[0.25, 0.75]], (3, 1))
            writer.write(step, {name: found}, outputs=outputs, targets={name: [0, 1, 1]}, epoch=step // 10)


def chosen(logdir: Path, *steps: int | str, most: Most = ALL, run: str | None = None, **asked: Any) -> Choice:
    return choose(read(logdir), run, asked.get("tags"), steps or None, asked.get("examples"), most)


def written(write: Callable[[Choice, IO[bytes]], None], choice: Choice) -> bytes:
    """What a format makes of it."""
    file = io.BytesIO()
    write(choice, file)
    return file.getvalue()
