"""Functions of the probe as graphs that leave everything as it was, and that fit the device."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training.precision import full_products
from tb_attribution_plugin.training.rejection import no_row

# Operations that change the variable they are given: assignments, and draws of a tf.random.Generator.
_WRITES = re.compile(
    r"Assign\w*Variable|Resource(Scatter|Apply|StridedSliceAssign)|Rng\w*Skip|Stateful(?!Partitioned)\w+"
)
_TABLE_WRITES = re.compile(r"LookupTable(Insert|Import|Remove)")


class Traced:
    """Traced once: a concrete function cannot retrace, whatever happens to the model later.

    Keras holds back what a model writes to Keras' own variables; a layer may keep a `tf.Variable` or a
    `tf.random.Generator` of its own and change it whenever it is called. Training must not see that.
    """

    def __init__(self, function: Callable[[Structure], Any], inputs: Structure) -> None:
        """Raises:
        ValueError: the function changes a lookup table.
        """
        self._inputs = [tf.convert_to_tensor(tensor) for tensor in tf.nest.flatten(inputs)]
        specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in self._inputs]

        def of_flat(*flat: tf.Tensor) -> Any:
            return function(tf.nest.pack_sequence_as(inputs, flat))

        self._function = tf.function(of_flat, autograph=False).get_concrete_function(*specs)
        graph = self._function.graph
        if _writing(graph, _TABLE_WRITES):
            raise ValueError(
                "a layer of the model changes a tf.lookup table whenever it is called, and would do so for the probe "
                "too; keep what it learns in a tf.Variable or a weight, or fill the table before training"
            )
        writing = {id(resource) for resource in _writing(graph, _WRITES)}
        self._written = [variable for variable in graph.variables if writing and id(variable.handle) in writing]

    def __call__(self) -> Any:
        """The function's result with the variables as they are now."""
        return self._at(self._inputs)

    def at(self, inputs: Structure) -> Any:
        """The result at other inputs of the same shapes."""
        return self._at(tf.nest.flatten(inputs))

    def reads(self, variable: tf.Variable) -> bool:
        """Whether the function makes any use of a variable."""
        return captures(self._function.graph, variable)

    def _at(self, flat: list[tf.Tensor]) -> Any:
        before = [tf.identity(variable) for variable in self._written]
        try:
            return self._function(*flat)
        finally:
            for variable, value in zip(self._written, before, strict=True):
                variable.assign(value)


class Halving:
    """A function of the probe that evaluates so many rows at a time; half as many from where these do not fit.

    Attributes:
      batch_size: rows per evaluation.
      traces: how often the function was traced: once, and once more for each time that a batch did not fit the device.
    """

    def __init__(
        self, function: Callable[[Structure, int], Any], inputs: Structure, batch_size: int, most: int
    ) -> None:
        """Args:
        function: of the inputs and a batch size.
        most: rows that no evaluation exceeds.
        """
        self._function = function
        self._inputs = inputs
        self._most = most
        self._trace(batch_size)
        self.traces = 1

    def __call__(self) -> Any:
        """The function's result as NumPy arrays."""
        while True:
            try:
                # Within the context too: a result is there when its bytes are.
                with full_products():
                    return tf.nest.map_structure(lambda tensor: tensor.numpy(), self._traced())
            except tf.errors.OpError as error:
                rows = min(self.batch_size, self._most)
                if unknown := no_row(error):
                    raise unknown from None
                if rows == 1 or not _lacks_memory(error):
                    raise
                self._trace(-(-rows // 2))
                self.traces += 1

    def _trace(self, batch_size: int) -> None:
        self.batch_size = batch_size
        self._traced = Traced(lambda inputs: self._function(inputs, batch_size), self._inputs)


def captures(graph: Any, variable: tf.Variable) -> bool:
    """Whether a function's graph makes any use of a variable from outside; False of one that is spread over devices."""
    try:
        handle = variable.handle
    except (AttributeError, ValueError):  # a distributed one has one on each device
        return False
    return any(outside is handle for outside, _ in graph.captures)


def _lacks_memory(error: tf.errors.OpError) -> bool:
    # On a GPU a convolution may say that no algorithm was found; why each was not is in the words.
    return isinstance(error, tf.errors.ResourceExhaustedError) or "RESOURCE_EXHAUSTED" in error.message


def _writing(graph: Any, writes: re.Pattern[str]) -> list[tf.Tensor]:
    """What lies outside of the graph and is given to an operation that `writes`, or to a function with one."""
    functions = graph.as_graph_def().library.function
    within: set[str] = set()

    def is_one(node: Any) -> bool:
        called = [one for value in node.attr.values() for one in (value.func, *value.list.func)]
        return bool(writes.match(node.op)) or any(one.name in within for one in called)

    while found := {one.signature.name for one in functions if any(map(is_one, one.node_def))} - within:
        within |= found
    return [outside for outside, inside in graph.captures if any(is_one(op.node_def) for op in inside.consumers())]
