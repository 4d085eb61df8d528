"""Why a model does not take its inputs, in the words of Keras or TensorFlow that say so."""

from __future__ import annotations

import re

import keras
import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure

_NOT_THE_CAUSE = (
    "Exception encountered",
    "in user code",
    "File ",
    "Arguments received",
    "Call arguments",
    "\u2022",
    "Graph execution error",
    "Detected at node",
    "defined at (most recent call last)",
    "<stack traces",
)


# A table that is read at a row that it does not have, on a CPU; a GPU reads zeros there.
_NO_ROW = re.compile(r"indices\[[^\]]*\] = (-?\d+) is not in \[0, (\d+)\)(?:.*node ([^}\s]+))?", re.DOTALL)


def no_row(error: Exception) -> ValueError | None:
    """What to raise where `error` came of an id that an embedding, or another table, has no row for; else None."""
    found = _NO_ROW.search(str(error))
    if not found:
        return None
    given, rows, node = found.groups()
    at = f" at {node}" if node else ""
    return ValueError(
        f"the model looks up id {given} in a table of {rows} rows{at}: the inputs, the baseline and the background may "
        f"hold only ids that lead to rows 0 to {int(rows) - 1}; give others, or the model a larger table"
    )


def rejected(model: keras.Model, inputs: Structure, error: Exception) -> ValueError:
    """What to raise where `error` came of calling the model with the inputs: names it, their dtypes, shapes and why.

    Nothing tells a call that takes other inputs from one that no graph can be made of.
    """
    shapes = ", ".join(f"{tensor.dtype.name}{tuple(tensor.shape)}" for tensor in tf.nest.flatten(inputs))
    return ValueError(
        f"model {model.name!r} rejects the inputs ({shapes}), or its call cannot be traced in a graph: {cause(error)}"
    )


def cause(error: Exception) -> str:
    """The line of a Keras or TensorFlow error that says what is wrong."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).partition("[[{{node")[0]
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith(_NOT_THE_CAUSE)]
    if isinstance(error, tf.errors.OpError):
        found = found[-1:]  # after the trace of the op comes what it complained of
    if found[:1] and found[0].endswith(":"):  # what it announces comes next
        return " ".join(found[:2])
    return found[0] if found else type(error).__name__
