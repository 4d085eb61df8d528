"""From the name that a user gives to the layer that is meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from tb_attribution_plugin.training.calls import Call


def layer_named(calls: Mapping[str, Call], name: str, model: str, examples: int) -> str:
    """The full name of a layer that takes part in the outputs of the model called `model`.

    Args:
      examples: that the calls were seen with.

    Raises:
      ValueError: names the layer, the rule that it breaks and the choices.
    """
    choices = with_grid(calls)
    if not isinstance(name, str):
        own = f" {name.name!r}" if isinstance(getattr(name, "name", None), str) else ""
        raise ValueError(f"layer must be the name of a layer, a string{own}; got {name!r}; {choices}")
    ends = [name] if name in calls else [full for full in calls if full.rpartition("/")[2] == name]
    if len(ends) > 1:
        raise ValueError(f"layer {name!r} is ambiguous; name one of {ends}")
    if not ends:
        near = difflib.get_close_matches(name, list(calls), n=1)
        hint = f" did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"layer {name!r} is not in model {model!r};{hint} {choices}")
    call = calls[ends[0]]
    if call.inside or (call.grid > 1 and not call.on_path):
        raise ValueError(
            f"layer {ends[0]!r} has no part in the logits, or runs inside a loop, a branch or a tf.function that "
            f"cannot be looked into; {choices}"
        )
    if call.shape[:1] not in ((examples,), (None,)):
        raise ValueError(
            f"layer {ends[0]!r} gives {call.shape} for {examples} examples: its first axis is not the examples, so "
            "none has scores of its own; name a layer before they are cut into parts, or behind where they are whole"
        )
    return channels_last(calls, ends[0])


def with_grid(calls: Mapping[str, Call]) -> str:
    """The deepest layers that a class activation map can be drawn on, in words."""
    spatial = [call.name for call in calls.values() if call.drawable and call.on_path]
    return f"layers with spatial output: {', '.join(spatial[-12:]) or 'none'}"


def channels_last(calls: Mapping[str, Call], name: str) -> str:
    """The name, where the layers up to it put the channels last.

    Raises:
      ValueError: the nearest one with a data format puts them first.
    """
    names = list(calls)
    before = (calls[one].layer for one in reversed(names[: names.index(name) + 1]))
    formats = (getattr(layer, "data_format", None) for layer in before)
    if next((one for one in formats if one is not None), None) == "channels_first":
        raise ValueError(
            f"layer {name!r} has its channels first; maps are read with the channels last: build the model with "
            "data_format='channels_last'"
        )
    return name
