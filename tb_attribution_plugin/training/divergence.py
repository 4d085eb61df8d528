"""Maps that are not finite: why, and what helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution

_NAMED = 5


def not_finite(attributions: Mapping[str, Attribution]) -> dict[str, list[int]]:
    """Numbers of the examples whose scores hold NaN or infinity, by tag; tags without any are left out."""
    found = {}
    for tag, attribution in attributions.items():
        sound = [
            np.isfinite(scores).reshape(len(scores), -1).all(axis=1) for scores in tf.nest.flatten(attribution.scores)
        ]
        if bad := np.flatnonzero(~np.logical_and.reduce(sound)).tolist():
            found[tag] = bad
    return found


def explained(found: Mapping[str, list[int]], step: int | None, examples: int, variables: Sequence[Any]) -> str:
    """A message that names tags, step, cause and fix; it looks at every value of the model.

    Args:
      found: as `not_finite` returns it.
      step: of the log that holds them; None of maps that are not logged.
      variables: of the model.
    """
    floats = [variable for variable in variables if "float" in str(variable.dtype)]
    bad = [variable for variable in floats if not np.isfinite(np.asarray(variable).astype(np.float32)).all()]
    if bad:
        cause = (
            f"{len(bad)} of the model's {len(floats)} variables are not finite either, the first is {bad[0].path}: "
            "training has diverged. Lower the learning rate, clip gradients (clipnorm=1.0 of the optimizer), or let "
            "keras.callbacks.TerminateOnNaN stop such a fit"
        )
    else:
        cause = (
            "the model's weights are finite, so its outputs or gradients are not, as those of sqrt, norm and log at 0: "
            "add a small constant there"
        )
    tags = ", ".join(f"{tag} ({_which(bad, examples)})" for tag, bad in found.items())
    if step is None:
        return f"maps hold NaN or infinity: {tags}; {cause}"
    return f"maps hold NaN or infinity at step {step}: {tags}; {cause}. They are logged as they are"


def _which(bad: Sequence[int], examples: int) -> str:
    names = ", ".join(map(str, bad[:_NAMED])) + (", ..." if len(bad) > _NAMED else "")
    return f"{len(bad)} of {examples} examples" + (f": {names}" if len(bad) < examples else "")
