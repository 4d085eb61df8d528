"""A data provider that has the numbers of one series and nothing else."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import histogram
from tests.backend import logs
from tests.backend.events import tagged


@dataclasses.dataclass
class Provider:
    """Ten steps of a series with 4 examples and 2 columns."""

    histogram: np.ndarray | None = None

    def list_tensors(self, context: None, **_: object) -> dict[str, Any]:
        tags = {"stats/ig": tagged(stats=pb.StatsSeries(tag="ig", columns=logs.COLUMNS))}
        if self.histogram is not None:
            tags["histogram/ig"] = tagged(histogram=histogram.layout("ig"))
        return {
            "run": {
                tag: SimpleNamespace(plugin_content=content, max_step=9, max_wall_time=0.0)
                for tag, content in tags.items()
            }
        }

    def read_tensors(self, context: None, *, run_tag_filter: Any, **_: object) -> dict[str, Any]:
        (tag,) = run_tag_filter.tags
        array = np.zeros((4, 2), np.float32) if tag == "stats/ig" else self.histogram
        return {"run": {tag: [SimpleNamespace(step=step, wall_time=0.0, numpy=array) for step in range(10)]}}
