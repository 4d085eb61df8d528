"""Carries something from the explained scalar back to the features, by one rule for each type of operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import tensorflow as tf

from tb_attribution_plugin.methods.backward import kinds
from tb_attribution_plugin.methods.backward.factors import without
from tb_attribution_plugin.methods.backward.recorded import Node, Recording, of_target
from tb_attribution_plugin.methods.backward.refusals import NoRule, of_input, refused, without_rule
from tb_attribution_plugin.methods.evaluated import Batch, no_gradient
from tb_attribution_plugin.methods.network import Network
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.scalars import LAST_SOFTMAX
from tb_attribution_plugin.methods.targets import Target

# Tensors by output or by input of a node; None where nothing came back, or nothing is handed on.
Given = list[Any]
# A node and what came back to its outputs -> what goes back to its inputs.
Rule = Callable[[Node, Given], Given]


class Rules(NamedTuple):
    """What a method does at each type of operation.

    Attributes:
      title: of the method, for its errors.
      held: of all nodes, the ids of tensors that count as constants; None where none do.
      needs: types of operations without any of which, nor any that is special, the method is the plain gradient.
      special: of all nodes, the rules of single operations, by id, that come before those of their type.
      seed: the explained scalar, [B] -> what goes back from it.
      may_stop: nothing goes back where an operation has no gradient; else that is an error, as having no rule is.
    """

    title: str
    table: Mapping[str, Rule]
    held: Callable[[list[Node]], set[int]] | None = None
    needs: frozenset[str] = frozenset()
    special: Callable[[list[Node]], Mapping[int, Rule]] = lambda _: {}
    seed: Callable[[tf.Tensor], tf.Tensor] = tf.ones_like
    may_stop: bool = False


class Carried(NamedTuple):
    """Attributes:
    values, reference_values: the explained scalar, [B]; equal where there is no reference.
    features: what arrived, float32, in the structure of the features.
    """

    values: tf.Tensor
    reference_values: tf.Tensor
    features: Structure


def carried(network: Network, target: Target, batch: Batch, rules: Rules, reference: Structure | None) -> Carried:
    """Runs forward at the batch's features, and at `reference` features, and back once.

    Raises:
      ValueError: the target does not depend on the features, or through an operation that has no rule: names it.
    """
    if target.hidden_by and not rules.may_stop:  # gradients do not tell the logarithms of probabilities from logits
        raise ValueError(
            f"{rules.title}: what is explained is made of logits, and those of the model are not seen behind "
            f"{target.hidden_by}, so that scores would be shared out by what comes after them; {LAST_SOFTMAX}, explain "
            "output='as_is', or use a method of gradients (integrated_gradients) or of switched features (kernel_shap)"
        )
    recording, starts = of_target(network, target, batch, reference)
    if not recording.nodes:
        raise ValueError(
            f"{rules.title}: the target does not depend on the inputs: the explained output is the same for all of "
            "them; explain another output, or inputs that it is computed from"
        )
    for node in recording.nodes:
        _check_rows(node, rules.title)
    special = rules.special(recording.nodes)
    if rules.held is not None:
        recording = recording._replace(nodes=without(recording.nodes, rules.held(recording.nodes)))
    if rules.needs and not special and not any(node.op.type in rules.needs for node in recording.nodes):
        raise ValueError(
            f"{rules.title}: there is no {' or '.join(sorted(rules.needs))} between the inputs and the explained "
            "output, so that it would be the plain gradient; use saliency"
        )
    arrived = _back(recording, starts, rules, special)
    return Carried(recording.values, recording.reference_values, tf.nest.pack_sequence_as(batch.features, arrived))


def _check_rows(node: Node, title: str) -> None:
    """Raises ValueError where one example decides what becomes of another."""
    op = node.op
    if op.type == "FusedBatchNormV3" and op.get_attr("is_training"):
        why = "normalizes by statistics of the batch, which mixes its examples"
        raise ValueError(refused(op, title, why, "call it with training=False"))
    if op.type in ("Select", "SelectV2") and node.live[0] and op.inputs[0].shape.rank == 0:
        why = "is a branch that is chosen by the inputs for all examples at once, so that it belongs to none"
        raise ValueError(refused(op, title, why, "choose by example, with keras.ops.where"))


def _back(recording: Recording, starts: list[tf.Tensor], rules: Rules, special: Mapping[int, Rule]) -> list[tf.Tensor]:
    found: dict[int, list[tf.Tensor]] = {id(recording.values): [rules.seed(recording.values)]}
    for node in reversed(recording.nodes):
        given = [_sum(found.pop(id(tensor), [])) for tensor in node.op.outputs]
        if all(one is None for one in given):
            continue
        rule = special.get(id(node.op)) or rules.table.get(node.op.type)
        for tensor, live, one in zip(
            node.op.inputs, node.live, _handed_on(node, given, rule, rules.title), strict=True
        ):
            if live and one is None and not rules.may_stop and node.op.type not in kinds.COPIES:
                raise ValueError(refused(node.op, rules.title, *of_input(tensor)))
            if live and one is not None:
                found.setdefault(id(tensor), []).append(one)
    arrived = [_sum(found.get(id(start), [])) for start in starts]
    if all(one is None for one in arrived):
        raise ValueError(f"{rules.title}: {no_gradient(recording.values, starts)}")
    return [tf.zeros_like(start) if one is None else one for start, one in zip(starts, arrived, strict=True)]


def _handed_on(node: Node, given: Given, rule: Rule | None, title: str) -> Given:
    if rule is None or _counts(node.op):
        raise ValueError(refused(node.op, title, *without_rule(node.op)))
    try:
        return rule(node, given)
    except NoRule as error:
        raise ValueError(refused(node.op, title, *error.args)) from None


def _counts(op: tf.Operation) -> bool:
    """True for arithmetic of whole numbers, of which there are no shares."""
    return op.outputs[0].dtype.is_integer and op.type not in kinds.MOVES | kinds.COPIES | {"Cast"}


def _sum(parts: list[tf.Tensor]) -> tf.Tensor | None:
    return None if not parts else parts[0] if len(parts) == 1 else tf.add_n(parts)
