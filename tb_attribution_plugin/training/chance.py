"""Operations of a traced graph that draw random numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import tensorflow as tf

from tb_attribution_plugin.methods.backward.operations import body

_DRAWS = re.compile(
    r"Random(?!GammaGrad)|Multinomial|TruncatedNormal|ParameterizedTruncated|Stateful(?!Partitioned)"
    r"|Stateless(Random(?!Get)|Truncated|Multinomial|Parameterized|Shuffle|Sample)"
)


def draw(ops: Iterable[tf.Operation], weighted: set[int]) -> tuple[str, bool] | None:
    """An operation that draws, or None; and whether it draws anew each time: its seed is no constant.

    Args:
      weighted: ids of all ops that a variable reaches, as the state of a generator.
    """
    found = [
        (f"{op.type} ({above}{op.name})", bool(above) or not op.type.startswith("Stateless") or id(op) in weighted)
        for op, above in _draws(ops)
    ]
    return max(found, key=lambda one: one[1], default=None)


def _draws(ops: Iterable[tf.Operation], above: str = "") -> Iterator[tuple[tf.Operation, str]]:
    """With the names of the calls that it is made in, which tell the layer."""
    for op in ops:
        if _DRAWS.match(op.type):
            yield op, above
        for name in {"f", "body", "then_branch", "else_branch"} & set(op.node_def.attr):
            yield from _draws(body(op, name).get_operations(), f"{above}{op.name}/")
