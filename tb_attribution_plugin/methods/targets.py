"""Which scalar of the outputs is explained.

The default scalar is the *margin*: the target's logit minus the mean of the other logits, with a final softmax or
sigmoid looked through. Logits alone are only defined up to a shift that no probability shows; the margin is not
touched by it, and with two classes it is the log-odds, so that a one-unit sigmoid head equals its two-unit twin.
"""

from __future__ import annotations

import dataclasses
import difflib
import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

OUTPUTS = ("margin", "logits", "as_is")


class Outputs(NamedTuple):
    """What a model gives for one batch, in the model's own structure of outputs.

    Attributes:
      returned: as the model returns it.
      logits: the same before a final softmax or sigmoid; equal to `returned` where there is none.
    """

    returned: Any
    logits: Any


@dataclasses.dataclass(frozen=True)
class Head:
    """One output of a model.

    Attributes:
      kind: "classes" (mutually exclusive), "binary" (one unit, classes 0 and 1), "labels" (one yes/no per column),
        "values" (regression) or "other" (needs a callable target: rank other than 2).
      units: columns.
    """

    kind: str
    units: int


@dataclasses.dataclass(frozen=True)
class Contrast:
    """Explains the logit of one class against another: why `positive` rather than `negative`?

    Each side is a class name, a column, "label", "predicted" or "runner_up" (the best class that the other side is not).
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
      fixed: the columns where no output decides them, each int32 [B]; None where one does ("predicted").
    """

    name: str
    scalar: str
    columns: Callable[[Outputs, tf.Tensor], tuple[tf.Tensor, ...]]
    score: Callable[[Outputs, tuple[tf.Tensor, ...]], tf.Tensor]
    fixed: tuple[np.ndarray, ...] | None = None


def identity() -> Target:
    """The output itself, [B]."""
    return Target("output", "value", lambda outputs, examples: (), lambda outputs, columns: outputs.returned, ())


def resolve(
    spec: Any,
    heads: Any,
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
      heads: structure of `Head`, like the model's outputs.
      examples: B.
      labels: [B] class indices (or regression values, which are not used).
      output: "margin", "logits" or "as_is".

    Raises:
      ValueError: names the target, the rule it breaks and the choices there are.
    """
    if output not in OUTPUTS:
        raise ValueError(f"output must be one of {', '.join(OUTPUTS)}; got {output!r}")
    if callable(spec) and not isinstance(spec, Contrast | Output):
        name = getattr(spec, "__name__", type(spec).__name__)
        return Target(
            name, "function", lambda outputs, examples: (), lambda outputs, columns: spec(outputs.returned), ()
        )
    pick, head, spec = _pick_head(spec, heads)
    if head.kind == "other":
        raise ValueError(
            "this output is not [batch, columns], so a column cannot be the target; pass a callable that maps the "
            "outputs to one number per example, e.g. target=lambda y: tf.reduce_mean(y[..., 1], axis=(1, 2))"
        )
    context = _Context(head, examples, labels, class_names)
    if isinstance(spec, Contrast):
        return _contrast(spec, pick, context)
    selector = context.selector(spec)
    scalar, score = _scalar(head, output)

    def columns(outputs: Outputs, examples: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return (selector.of(_matrix(pick(outputs.logits)), examples),)

    def value(outputs: Outputs, columns: tuple[tf.Tensor, ...]) -> tf.Tensor:
        return score(_matrix(pick(outputs.returned)), _matrix(pick(outputs.logits)), columns[0])

    return Target(selector.name, scalar, columns, value, None if selector.fixed is None else (selector.fixed,))


def probabilities(outputs: Outputs, heads: Any) -> tf.Tensor | None:
    """[B, classes] probabilities of the first output that classifies, [B] values of a regression, else None."""
    for head, logits, returned in zip(
        tf.nest.flatten(heads), tf.nest.flatten(outputs.logits), tf.nest.flatten(outputs.returned), strict=True
    ):
        if head.kind == "other":
            continue
        logits, returned = _matrix(logits), _matrix(returned)
        if head.kind == "classes":
            return tf.nn.softmax(logits)
        if head.kind == "binary":
            return tf.concat([tf.sigmoid(-logits), tf.sigmoid(logits)], 1)
        if head.kind == "labels":
            return tf.sigmoid(logits)
        return returned[:, 0]
    return None


class _Selector(NamedTuple):
    """Columns [r] int32 from logits [r, C] and the numbers of their examples [r]."""

    name: str
    of: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    fixed: np.ndarray | None


@dataclasses.dataclass(frozen=True, eq=False)
class _Context:
    head: Head
    examples: int
    labels: np.ndarray | None
    class_names: Sequence[str] | None

    @property
    def classes(self) -> int:
        return 2 if self.head.kind == "binary" else self.head.units

    def selector(self, spec: Any) -> _Selector:
        if self.head.kind == "values" and (spec is None or isinstance(spec, str) and spec in ("label", "predicted")):
            if self.head.units > 1:
                raise ValueError(
                    f"a regression with {self.head.units} output columns needs a choice: pass target=<column>"
                )
            return self._fixed("value", np.zeros(self.examples, np.int32))
        if spec is None:
            spec = 1 if self.head.kind == "binary" else "predicted"
        if isinstance(spec, str):
            return self._named(spec)
        if isinstance(spec, numbers.Integral) and not isinstance(spec, bool):
            return self._fixed(self._title(int(spec)), np.full(self.examples, int(spec), np.int32))
        array = np.asarray(spec)
        if array.dtype.kind in "iu" and array.shape == (self.examples,):
            return self._fixed("per example", array.astype(np.int32))
        raise ValueError(
            "target must be 'label', 'predicted', a class index or name, one index per example "
            f"(here {self.examples}), a callable, tba.targets.Contrast or tba.targets.Output; got {spec!r}"
        )

    def _named(self, spec: str) -> _Selector:
        if spec == "label":
            if self.labels is None:
                raise ValueError("target='label' needs labels: pass Probe(inputs, labels), or target='predicted'")
            if self.labels.ndim != 1 or self.labels.dtype.kind not in "iu" and np.any(self.labels % 1 != 0):
                raise ValueError(
                    f"target='label' needs one class index per example; labels have shape {self.labels.shape} and dtype "
                    f"{self.labels.dtype}. For several labels per example pass target=<class>"
                )
            if self.head.kind == "labels":
                raise ValueError(
                    f"an output of {self.head.units} independent yes/no columns has no single label: "
                    "pass target=<class index or name>"
                )
            return self._fixed("label", self.labels.astype(np.int32))
        if spec == "predicted":
            return _Selector("predicted", self._predicted, None)
        names = list(self.class_names or [])
        if spec in names:
            return self._fixed(spec, np.full(self.examples, names.index(spec), np.int32))
        near = difflib.get_close_matches(spec, ["label", "predicted", *names], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"class names: {names or 'none given'}"
        raise ValueError(f"target {spec!r} is neither 'label', 'predicted' nor a class name; {hint}")

    def _predicted(self, logits: tf.Tensor, examples: tf.Tensor) -> tf.Tensor:
        if self.head.kind == "binary":
            return tf.cast(logits[:, 0] > 0, tf.int32)
        return tf.argmax(logits, 1, output_type=tf.int32)

    def _title(self, column: int) -> str:
        names = self.class_names
        return names[column] if names and 0 <= column < len(names) else str(column)

    def _fixed(self, name: str, columns: np.ndarray) -> _Selector:
        limit = max(self.classes, 1)
        bad = np.flatnonzero((columns < 0) | (columns >= limit))
        if bad.size:
            raise ValueError(
                f"target {name!r}: example {bad[0]} has index {columns[bad[0]]}, but the model's output has "
                f"{limit} classes (0 .. {limit - 1})"
            )
        return _Selector(name, lambda logits, examples: tf.gather(tf.constant(columns), examples), columns)


def _pick_head(spec: Any, heads: Any) -> tuple[Callable[[Any], Any], Head, Any]:
    if isinstance(spec, Output):
        if isinstance(heads, Mapping):
            names: list[Any] = list(heads)
        elif isinstance(heads, Head):
            names = [0]
        else:
            names = list(range(len(heads)))
        if spec.head not in names:
            raise ValueError(f"the model has no output {spec.head!r}; outputs: {names}")
        if isinstance(heads, Head):
            return lambda outputs: outputs, heads, spec.target
        return lambda outputs: outputs[spec.head], heads[spec.head], spec.target
    if isinstance(heads, Head):
        return lambda outputs: outputs, heads, spec
    flat = tf.nest.flatten(heads)
    if len(flat) == 1:
        return lambda outputs: tf.nest.flatten(outputs)[0], flat[0], spec
    names = list(heads) if isinstance(heads, Mapping) else list(range(len(flat)))
    raise ValueError(f"the model has several outputs {names}: pass target=tba.targets.Output({names[0]!r}, ...)")


def _matrix(output: tf.Tensor) -> tf.Tensor:
    output = tf.cast(output, tf.float32)
    return output[:, None] if output.shape.rank == 1 else output


def _column(matrix: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    return tf.gather(matrix, columns, batch_dims=1)


Score = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]  # returned, logits [B, C], columns [B] -> [B]


def _scalar(head: Head, output: str) -> tuple[str, Score]:
    if head.units == 1 and (output != "margin" or head.kind != "binary"):
        # One column: its value, whatever class was named.
        if output == "as_is" or head.kind == "values":
            return ("value" if head.kind == "values" else "as_is"), lambda returned, logits, columns: returned[:, 0]
        return "logit", lambda returned, logits, columns: logits[:, 0]
    if output == "as_is" or head.kind == "values":
        return ("value" if head.kind == "values" else "as_is"), lambda returned, logits, columns: _column(
            returned, columns
        )
    if output == "logits" or head.kind == "labels":
        return "logit", lambda returned, logits, columns: _column(logits, columns)
    if head.kind == "binary":
        return "margin", lambda returned, logits, columns: logits[:, 0] * tf.cast(2 * columns - 1, tf.float32)
    return "margin", lambda returned, logits, columns: _margin(logits, columns)


def _margin(logits: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """logit_c - mean of the others = (C logit_c - sum) / (C - 1)."""
    classes = logits.shape[1]
    # Centred first: a common shift of large logits would cost digits.
    centred = logits - tf.stop_gradient(tf.reduce_mean(logits, 1, keepdims=True))
    return (classes * _column(centred, columns) - tf.reduce_sum(centred, 1)) / (classes - 1)


def _contrast(spec: Contrast, pick: Callable[[Any], Any], context: _Context) -> Target:
    if context.head.kind == "values":
        raise ValueError("Contrast compares classes; this output is a regression value")
    sides = (spec.positive, spec.negative)
    if sides.count("runner_up") == 2:
        raise ValueError("Contrast('runner_up', 'runner_up') names no class; name one side")
    selectors = [None if side == "runner_up" else context.selector(side) for side in sides]
    title = " - ".join("runner_up" if one is None else one.name for one in selectors)

    def columns(outputs: Outputs, examples: tf.Tensor) -> tuple[tf.Tensor, ...]:
        logits = _two_sided(_matrix(pick(outputs.logits)), context.head)
        named = [None if one is None else one.of(_matrix(pick(outputs.logits)), examples) for one in selectors]
        other = next(one for one in named if one is not None)
        return tuple(_runner_up(logits, other) if one is None else one for one in named)

    def score(outputs: Outputs, columns: tuple[tf.Tensor, ...]) -> tf.Tensor:
        logits = _two_sided(_matrix(pick(outputs.logits)), context.head)
        return _column(logits, columns[0]) - _column(logits, columns[1])

    known = [one.fixed for one in selectors if one is not None and one.fixed is not None]
    fixed = tuple(known) if len(known) == 2 else None
    return Target(title, "contrast", columns, score, fixed)


def _two_sided(logits: tf.Tensor, head: Head) -> tf.Tensor:
    """A one-unit head as its two-unit twin: classes 0 and 1 at -z/2 and z/2."""
    return tf.concat([-logits / 2, logits / 2], 1) if head.kind == "binary" else logits


def _runner_up(logits: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """The best class that `other` is not."""
    mask = tf.one_hot(other, logits.shape[1], on_value=True, off_value=False, dtype=tf.bool)
    return tf.argmax(tf.where(mask, tf.constant(-float("inf")), logits), 1, output_type=tf.int32)
