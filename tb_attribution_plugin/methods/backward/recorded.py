"""The operations between features and the explained scalar, at the inputs and at a reference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import tensorflow as tf

from tb_attribution_plugin.methods.backward.bounded import bounded
from tb_attribution_plugin.methods.backward.grouped import is_grouped, taken_apart
from tb_attribution_plugin.methods.backward.operations import BRANCHES, CALLS, LOOPS, again, body
from tb_attribution_plugin.methods.dataflow import SHAPES, ancestors, descendants
from tb_attribution_plugin.methods.evaluated import Batch, check_values
from tb_attribution_plugin.methods.network import Network
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.targets import Target


class Node(NamedTuple):
    """One operation on the way.

    Attributes:
      op: at the inputs.
      reference: the same operation at the reference; at the inputs where there is none.
      live: by input, whether its values depend on the features.
    """

    op: tf.Operation
    reference: tf.Operation
    live: tuple[bool, ...]


class Recording(NamedTuple):
    """Attributes:
    nodes: in the order in which they run.
    values, reference_values: the explained scalar, [B].
    """

    nodes: list[Node]
    values: tf.Tensor
    reference_values: tf.Tensor


def of_target(
    network: Network, target: Target, batch: Batch, reference: Structure | None = None
) -> tuple[Recording, list[tf.Tensor]]:
    """Runs forward at the batch's features: the way to the explained scalar, and the features where it begins, flat."""
    # Copies: values that are computed from the inputs themselves, masks and positions, are none of the features.
    features = tf.nest.map_structure(tf.identity, batch.features)
    starts = tf.nest.flatten(features)
    run = network.run(batch.inputs, features, (), {})
    columns = target.columns(run.outputs, batch.examples) if batch.columns is None else batch.columns
    values = tf.cast(target.score(run.outputs, columns), tf.float32)
    check_values(values, features)
    # Which class is predicted is none of what is explained.
    return recorded(values, starts, None if reference is None else tf.nest.flatten(reference), columns), starts


def recorded(
    values: tf.Tensor, features: list[tf.Tensor], reference: list[tf.Tensor] | None, fixed: Iterable[tf.Tensor] = ()
) -> Recording:
    """Args:
    values: what was computed from `features`, in the graph that is being built.
    reference: what to compute the same from; None computes nothing more.
    fixed: tensors that count as constants, at the reference too.
    """
    starts = {id(tensor.op) for tensor in (*features, *fixed)}
    between = ancestors([values], stop_at=lambda op: id(op) in starts) & descendants(features)
    ops = [op for op in values.graph.get_operations() if id(op) in between and id(op) not in starts]
    if any(op.type in CALLS | BRANCHES or _has_own_gradient(op) or is_grouped(op) for op in ops):
        known: dict[int, tf.Tensor] = {}
        ops = _replayed(ops, known)
        values = known.get(id(values), values)
    if reference is not None and (known := bounded(ops)):
        ops = _replayed([op for op in ops if not any(id(tensor) in known for tensor in op.outputs)], known)
        values = known.get(id(values), values)
    lived = {id(tensor) for tensor in features}
    ops = [op for op in ops if _is_live(op, lived)]
    live = [tuple(id(tensor) in lived for tensor in op.inputs) for op in ops]
    if reference is None:
        return Recording([Node(op, op, one) for op, one in zip(ops, live, strict=True)], values, values)
    known = dict(zip(map(id, features), reference, strict=True))
    others = _replayed(ops, known)
    nodes = [Node(*one) for one in zip(ops, others, live, strict=True)]
    return Recording(nodes, values, known.get(id(values), values))


def _has_own_gradient(op: tf.Operation) -> bool:
    """True for the end of somebody's gradient, which leads around what lies before; made once more it has its own."""
    return op.type == "IdentityN" and "_gradient_op_type" in op.node_def.attr


def _is_live(op: tf.Operation, lived: set[int]) -> bool:
    """Adds what a live operation gives to what lives."""
    if op.type in SHAPES or not any(id(tensor) in lived for tensor in op.inputs):
        return False
    lived |= {id(tensor) for tensor in op.outputs}
    return True


def _replayed(ops: Iterable[tf.Operation], known: dict[int, tf.Tensor]) -> list[tf.Operation]:
    """The operations made once more; what they call is made in their place, and of branches both, to choose from.

    Args:
      known: by id of a tensor, what stands for it; what is made here is added.
    """
    made: list[tf.Operation] = []
    for op in ops:
        inputs = [known.get(id(tensor), tensor) for tensor in op.inputs]
        if op.type in CALLS:
            inner, results = _called(body(op), inputs)
            made += inner
        elif op.type in BRANCHES:
            then, first = _called(body(op, "then_branch"), inputs[1:])
            otherwise, second = _called(body(op, "else_branch"), inputs[1:])
            which = tf.cast(inputs[0], tf.bool)
            results = [tf.where(which, *pair, name=op.name) for pair in zip(first, second, strict=True)]
            made += [*then, *otherwise, *(tensor.op for tensor in results)]
        else:
            made += taken_apart(op, inputs) if is_grouped(op) else [again(op, inputs)]
            results = made[-1].outputs
        # Somebody's gradient may have added what it needs to what a function gives.
        known.update(zip(map(id, op.outputs), results[: len(op.outputs)], strict=True))
    return made


def made_once_more(tensor: tf.Tensor, calls: Sequence[tf.Operation]) -> tf.Tensor | None:
    """A tensor in a function that is called, made outside of it, from what the function is given.

    None where that would not be the same: loops and branches have their own gradients, as whatever somebody gave one.

    Args:
      calls: of the function that is called first, of the one that it calls, and so on to that of the tensor.
    """
    known: dict[int, tf.Tensor] = {}
    for call, wanted in zip(calls, [*(list(inner.inputs) for inner in calls[1:]), [tensor]], strict=True):
        ops = _needed(wanted)
        if not _are_plain(ops):
            return None
        given = [known.get(id(one), one) for one in call.inputs]
        known.update(zip(map(id, body(call).inputs), given, strict=True))
        _replayed(ops, known)
    return known[id(tensor)]


def _are_plain(ops: Iterable[tf.Operation]) -> bool:
    for op in ops:
        inside = _needed(body(op).outputs) if op.type in CALLS else []
        if op.type in LOOPS or _has_own_gradient(op) or not _are_plain(inside):
            return False
    return True


def _needed(tensors: list[tf.Tensor]) -> list[tf.Operation]:
    """What a function makes them of, but for what it is given, in the order in which it runs."""
    needed = ancestors(tensors)
    return [op for op in tensors[0].graph.get_operations() if id(op) in needed and op.type != "Placeholder"]


def _called(graph: tf.Graph, inputs: list[tf.Tensor]) -> tuple[list[tf.Operation], list[tf.Tensor]]:
    """What a function is made of at these inputs, and what it gives."""
    known = dict(zip(map(id, graph.inputs), inputs, strict=True))
    return _replayed(_needed(list(graph.outputs)), known), [known[id(tensor)] for tensor in graph.outputs]
