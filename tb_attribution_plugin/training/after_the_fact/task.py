"""What is asked of a process that explains checkpoints, and its answers; TensorFlow is loaded where that is done."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.training.after_the_fact.checkpoints import Checkpoint
from tb_attribution_plugin.training.declared import Declaration
from tb_attribution_plugin.training.gathered import Gathered


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """What is alike for all checkpoints; see `explain_checkpoints`.

    Attributes:
      key: tells this task from others.
    """

    model: str | Callable[[], Any]
    probe: Probe
    methods: Any
    target: Any
    output: str
    key: str = dataclasses.field(default_factory=lambda: uuid.uuid4().hex)


class Explained(NamedTuple):
    """One checkpoint's maps, in NumPy.

    Attributes:
      notice: what should be known of them, or "".
    """

    logged: Gathered
    notice: str


def declared(task: Task) -> tuple[Declaration, list[str]]:
    """What a log says of the series, and what the user should know.

    Raises:
      ValueError: an argument, or the model, does not fit; plain text, as what Keras raises may not survive a pickle.
    """
    from tb_attribution_plugin.training.after_the_fact import worker

    return worker.declared(task)


def explained(task: Task, checkpoint: Checkpoint) -> Explained:
    """Raises:
    ValueError: the checkpoint does not fit the model, or a method fails there.
    """
    from tb_attribution_plugin.training.after_the_fact import worker

    return worker.explained(task, checkpoint)
