"""The rows and nodes of scikit-learn's two kinds of trees."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.integrations.tree import Bools, Floats, Tree

_BITS = np.arange(32, dtype=np.uint32)


class Encoded(NamedTuple):
    """Rows as trees see them.

    Attributes:
      values: [rows, F].
      columns: [F], the model's column that each of them is.
    """

    values: Floats
    columns: NDArray[np.int64]


def plain(rows: Any) -> Encoded:
    """float32, which is what all but histograms see."""
    values = np.asarray(rows, np.float32).astype(np.float64)
    return Encoded(values, np.arange(values.shape[1]))


def forest_tree(tree: Any, value: Floats) -> Tree:
    """Of forests and GradientBoosting: `estimator.tree_`, with what each node adds to the outputs, [n, U]."""
    missing_left = np.asarray(getattr(tree, "missing_go_to_left", np.zeros(tree.node_count)), np.bool_)
    limits = tree.threshold

    def decide(values: Floats) -> Bools:
        return np.where(np.isnan(values), missing_left, values <= limits)

    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        feature=np.maximum(tree.feature, 0),
        value=value,
        cover=tree.weighted_n_node_samples,
        decide=decide,
    )


def histogram_tree(predictor: Any, unit: int, units: int) -> Tree:
    """Of HistGradientBoosting: an item of `model._predictors`, a tree of one output."""
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(np.bool_)
    value = np.zeros((len(nodes), units))
    value[leaf, unit] = nodes["value"][leaf]
    missing_left, limits = nodes["missing_go_to_left"].astype(np.bool_), nodes["num_threshold"]
    left = {
        int(place): _members(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][place]])
        for place in np.flatnonzero(~leaf & nodes["is_categorical"].astype(np.bool_))
    }

    def decide(values: Floats) -> Bools:
        found = values <= limits
        for place, codes in left.items():
            found[:, place] = np.isin(values[:, place], codes)
        return np.where(np.isnan(values), missing_left, found)

    return Tree(
        left=np.where(leaf, -1, nodes["left"].astype(np.int64)),
        right=np.where(leaf, -1, nodes["right"].astype(np.int64)),
        feature=np.where(leaf, 0, nodes["feature_idx"].astype(np.int64)),
        value=value,
        cover=nodes["count"].astype(np.float64),
        decide=decide,
    )


def _members(bits: Any) -> Any:
    """Numbers whose bit is set in words of 32."""
    return np.flatnonzero((np.asarray(bits, np.uint32)[:, None] >> _BITS & 1).reshape(-1))
