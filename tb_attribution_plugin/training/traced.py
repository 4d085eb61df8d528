"""A function of the probe as one graph, which leaves all variables as they were."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure

# Operations that change the variable they are given: assignments, and draws of a tf.random.Generator.
_WRITES = re.compile(
    r"Assign\w*Variable|Resource(Scatter|Apply|StridedSliceAssign)|Rng\w*Skip|Stateful(?!Partitioned)\w+"
)


class Traced:
    """Traced once: a concrete function cannot retrace, whatever happens to the model later.

    Keras holds back what a model writes to Keras' own variables; a layer may keep a `tf.Variable` or a
    `tf.random.Generator` of its own and change it whenever it is called. Training must not see that.
    """

    def __init__(self, function: Callable[[Structure], Any], inputs: Structure) -> None:
        self._inputs = [tf.convert_to_tensor(tensor) for tensor in tf.nest.flatten(inputs)]
        specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in self._inputs]

        def of_flat(*flat: tf.Tensor) -> Any:
            return function(tf.nest.pack_sequence_as(inputs, flat))

        self._function = tf.function(of_flat, autograph=False).get_concrete_function(*specs)
        self._writes = any(map(_WRITES.match, _operations(self._function.graph.as_graph_def())))

    def __call__(self) -> Any:
        """The function's result with the variables as they are now."""
        if not self._writes:
            return self._function(*self._inputs)
        with _kept(self._function.graph.variables):
            return self._function(*self._inputs)


def _operations(graph: Any) -> Iterator[str]:
    for function in (graph, *graph.library.function):
        for node in function.node if function is graph else function.node_def:
            yield node.op


@contextlib.contextmanager
def _kept(variables: tuple[tf.Variable, ...]) -> Iterator[None]:
    before = [tf.identity(variable) for variable in variables]
    try:
        yield
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
