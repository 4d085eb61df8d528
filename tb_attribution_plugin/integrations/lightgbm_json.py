"""The trees of a LightGBM booster, out of what `dump_model` says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tb_attribution_plugin.integrations.tree import Bools, Floats, Tree

# What LightGBM takes for zero where zeros are missing values.
_ZERO = 1e-35


def trees(booster: Any, first: int, last: int, units: int) -> Iterator[Tree]:
    """Every tree of the rounds from `first` up to, and without, `last`."""
    dumped = booster.dump_model(start_iteration=first, num_iteration=last - first)["tree_info"]
    for at, tree in enumerate(dumped):
        yield _tree(tree["tree_structure"], at % units, units)


def _tree(root: Any, unit: int, units: int) -> Tree:
    nodes: list[Any] = [root]
    left, right = [], []
    for node in nodes:  # grows while it is read: breadth first
        inner = "left_child" in node
        left.append(len(nodes) if inner else -1)
        right.append(len(nodes) + 1 if inner else -1)
        if inner:
            nodes += [node["left_child"], node["right_child"]]
    value = np.zeros((len(nodes), units))
    value[:, unit] = [node.get("leaf_value", 0.0) for node in nodes]
    return Tree(
        left=np.array(left),
        right=np.array(right),
        feature=np.array([node.get("split_feature", 0) for node in nodes]),
        value=value,
        cover=np.array([node.get("leaf_count", node.get("internal_count", 0)) for node in nodes], np.float64),
        decide=_decision(nodes),
    )


def _decision(nodes: list[Any]) -> Callable[[Floats], Bools]:
    missing = np.array([node.get("missing_type", "None") for node in nodes])
    default = np.array([node.get("default_left", False) for node in nodes])
    categories = {
        place: np.array(node["threshold"].split("||"), np.int64)
        for place, node in enumerate(nodes)
        if node.get("decision_type") == "=="
    }
    limits = np.array([0.0 if place in categories else node.get("threshold", 0.0) for place, node in enumerate(nodes)])

    def decide(values: Floats) -> Bools:
        filled = np.where(np.isnan(values) & (missing != "NaN"), 0.0, values)
        absent = np.isnan(filled) | (missing == "Zero") & (np.abs(filled) <= _ZERO)
        left = np.where(absent, default, filled <= limits)
        for place, chosen in categories.items():
            known = np.isfinite(values[:, place])
            left[:, place] = known & np.isin(np.where(known, values[:, place], -1).astype(np.int64), chosen)
        return left

    return decide
