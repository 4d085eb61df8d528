"""Which scalar of the outputs is explained.

The default scalar is the *margin*: the target's logit minus the mean of the other logits, with a final softmax or
sigmoid looked through. Logits alone are only defined up to a shift that no probability shows; the margin is not
touched by it, and with two classes it is the log-odds, so that a one-unit sigmoid head equals its two-unit twin.
"""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.columns import Chooser
from tb_attribution_plugin.methods.heads import Head as Head
from tb_attribution_plugin.methods.heads import Outputs as Outputs
from tb_attribution_plugin.methods.heads import column, described, matrix, predictions
from tb_attribution_plugin.methods.scalars import scalar

OUTPUTS = ("margin", "logits", "as_is")


@dataclasses.dataclass(frozen=True)
class Contrast:
    """Explains the logit of one class against another: why `positive` rather than `negative`?

    Each side is a class name, a column, "label", "predicted" or "runner_up" (the best class the other side is not).
    """

    positive: Any
    negative: Any


@dataclasses.dataclass(frozen=True)
class Output:
    """A target on one of several outputs, by its name (dict outputs) or position."""

    head: str | int
    target: Any = "predicted"


@dataclasses.dataclass(frozen=True, eq=False)
class Target:
    """A resolved target.

    Attributes:
      name: what the user chose, "label", "cat", "cat - dog".
      scalar: what is explained: "margin", "logit", "contrast", "as_is", "value" or "function".
      columns: outputs at the inputs, and the numbers [r] of the examples that they belong to -> output columns, each
        int32 [r]; asked once, kept along every path.
      score: outputs and columns -> [B].
      predictions: outputs and columns -> what the explained output predicts, [B, classes] probabilities or [B] values;
        None for a function of the outputs.
      hidden_by: the operation behind which the logits that it is made of are not seen; "" where it is made of none.
    """

    name: str
    scalar: str
    columns: Callable[[Outputs, tf.Tensor], tuple[tf.Tensor, ...]]
    score: Callable[[Outputs, tuple[tf.Tensor, ...]], tf.Tensor]
    predictions: Callable[[Outputs, tuple[tf.Tensor, ...]], tf.Tensor] | None = None
    hidden_by: str = ""


def identity() -> Target:
    """The output itself, [B]."""
    return Target("output", "value", lambda outputs, examples: (), lambda outputs, columns: outputs.tensors[0])


def resolve(
    spec: Any,
    heads: Sequence[Head],
    *,
    examples: int,
    labels: np.ndarray | None = None,
    class_names: Sequence[str] | None = None,
    output: str = "margin",
) -> Target:
    """Checks a target against a model's outputs.

    Args:
      spec: "label", "predicted", a column, a class name, [B] columns, a Contrast, an Output, or a callable
        (outputs as the model returns them) -> [B]. None is "predicted", or the value of a one-column output.
      heads: of all that the model returns.
      examples: B.
      labels: [B] class indices (or regression values, which are not used).
      output: "margin", "logits" or "as_is".

    Raises:
      ValueError: names the target, the rule it breaks and the choices there are.
    """
    if output not in OUTPUTS:
        raise ValueError(f"output must be one of {', '.join(OUTPUTS)}; got {output!r}")
    if callable(spec):
        return _function(spec)
    at, spec = _picked(spec, heads)
    head = heads[at]
    if head.kind in ("other", "none"):
        raise ValueError(
            f"output {head.name or at!r} is {head.what}, not [batch, columns], so a column cannot be the target; pass "
            "a callable that maps what the model returns to one number per example, e.g. "
            "target=lambda y: tf.reduce_mean(y[..., 1], axis=(1, 2))"
        )
    context = Chooser(head, examples, labels, class_names)
    if isinstance(spec, Contrast):
        return _contrast(spec, at, context)
    selector = context.selector(spec)
    name, score = scalar(head, output)

    def columns(outputs: Outputs, examples: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return (selector.of(matrix(outputs.logits[at]), examples),)

    def value(outputs: Outputs, columns: tuple[tf.Tensor, ...]) -> tf.Tensor:
        return score(matrix(outputs.tensors[at]), matrix(outputs.logits[at]), columns[0])

    of_logits = name in ("margin", "logit")
    return Target(selector.name, name, columns, value, _predictions(at, head), head.hidden_by if of_logits else "")


def _function(function: Callable[[Any], Any]) -> Target:
    """A callable of the user's, with words for what it raises and gives."""
    name = getattr(function, "__name__", type(function).__name__)

    def score(outputs: Outputs, columns: tuple[tf.Tensor, ...]) -> tf.Tensor:
        try:
            found = function(outputs.returned)
        except Exception as error:
            what = described(outputs.returned)
            raise ValueError(f"target {name!r} fails on {what}: {type(error).__name__}: {error}") from error
        if not tf.is_tensor(found) and not isinstance(found, np.ndarray):
            raise ValueError(f"target {name!r} must give a tensor, one number per example; it gave {described(found)}")
        return found

    return Target(name, "function", lambda outputs, examples: (), score)


def _predictions(at: int, head: Head) -> Callable[[Outputs, tuple[tf.Tensor, ...]], tf.Tensor]:
    return lambda outputs, columns: predictions(head, outputs.tensors[at], outputs.logits[at], columns[0])


def _picked(spec: Any, heads: Sequence[Head]) -> tuple[int, Any]:
    """The place of the output that a target is on, and the target there."""
    places = [at for at, head in enumerate(heads) if head.kind != "none"]
    names = [heads[at].name or at for at in places]
    if isinstance(spec, Output):
        found = [at for at, head in enumerate(heads) if spec.head in (at, head.name) and spec.head != ""]
        if not found:
            raise ValueError(f"the model has no output {spec.head!r}; outputs: {names}")
        return found[-1], spec.target
    if len(places) == 1:
        return places[0], spec
    if not places:
        raise ValueError(
            f"the model returns {', '.join(head.what for head in heads) or 'nothing'}, and no tensor [batch, ...], nor "
            "a dict, list or tuple of them; return one, or pass a callable that maps it to one number per example, "
            "e.g. target=lambda y: y.logits[:, 0]"
        )
    raise ValueError(
        f"the model has several outputs {names}: pass target=tba.targets.Output({names[0]!r}, ...), or a callable that "
        "maps what the model returns to one number per example"
    )


def _contrast(spec: Contrast, at: int, context: Chooser) -> Target:
    if context.head.kind == "values":
        raise ValueError("Contrast compares classes; this output is a regression value")
    sides = (spec.positive, spec.negative)
    if sides.count("runner_up") == 2:
        raise ValueError("Contrast('runner_up', 'runner_up') names no class; name one side")
    selectors = [None if side == "runner_up" else context.selector(side) for side in sides]
    names = ["runner_up" if one is None else one.name for one in selectors]
    if names[0] == names[1] and all(isinstance(side, str | numbers.Integral) for side in sides):
        raise ValueError(
            f"Contrast({spec.positive!r}, {spec.negative!r}) compares a class with itself, whose scores are all 0; "
            "name two classes, or 'runner_up' for one"
        )
    title = " - ".join(names)

    def columns(outputs: Outputs, examples: tf.Tensor) -> tuple[tf.Tensor, ...]:
        logits = _two_sided(matrix(outputs.logits[at]), context.head)
        named = [None if one is None else one.of(matrix(outputs.logits[at]), examples) for one in selectors]
        other = next(one for one in named if one is not None)
        return tuple(_runner_up(logits, other) if one is None else one for one in named)

    def score(outputs: Outputs, columns: tuple[tf.Tensor, ...]) -> tf.Tensor:
        logits = _two_sided(matrix(outputs.logits[at]), context.head)
        return column(logits, columns[0]) - column(logits, columns[1])

    return Target(title, "contrast", columns, score, _predictions(at, context.head), context.head.hidden_by)


def _two_sided(logits: tf.Tensor, head: Head) -> tf.Tensor:
    """A one-unit head as its two-unit twin: classes 0 and 1 at -z/2 and z/2."""
    return tf.concat([-logits / 2, logits / 2], 1) if head.kind == "binary" else logits


def _runner_up(logits: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """The best class that `other` is not."""
    mask = tf.one_hot(other, logits.shape[1], on_value=True, off_value=False, dtype=tf.bool)
    return tf.argmax(tf.where(mask, tf.constant(-float("inf")), logits), 1, output_type=tf.int32)
