"""The trees of an XGBoost booster, out of the JSON that it is saved as."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tb_attribution_plugin.integrations.tree import Bools, Floats, Tree


def trees(booster: Any, units: int) -> Iterator[Tree]:
    """Every tree, its leaves weighted as dart does; the intercept is in none of them."""
    held = _booster(booster)
    dart, model = held.get("weight_drop"), _model(held)
    for at, (tree, unit) in enumerate(zip(model["trees"], model["tree_info"], strict=True)):
        left = np.array(tree["left_children"], np.int64)
        leaf = left < 0
        value = np.zeros((len(left), units))
        # float32, as XGBoost adds them up
        value[leaf, unit] = np.array(tree["split_conditions"], np.float32)[leaf] * (1.0 if dart is None else dart[at])
        yield Tree(
            left=left,
            right=np.array(tree["right_children"], np.int64),
            feature=np.where(leaf, 0, tree["split_indices"]),
            value=value,
            cover=np.array(tree["sum_hessian"], np.float64),
            decide=_decision(tree),
        )


def categories(booster: Any) -> list[list[Any]] | None:
    """Of the columns that have some, in the order that the trees count them; None where a booster keeps none."""
    kept = [one for one in _model(_booster(booster)).get("cats", {}).get("enc", ()) if one["values"]]
    return [one["values"] if "type" in one else _texts(one["offsets"], one["values"]) for one in kept] or None


def _texts(offsets: list[int], values: list[int]) -> list[str]:
    held = np.array(values, np.int8).tobytes()
    return [held[first:last].decode("utf-8", "replace") for first, last in itertools.pairwise(offsets)]


def _booster(booster: Any) -> Any:
    return json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]


def _model(held: Any) -> Any:
    return held.get("gbtree", held)["model"]


def _decision(tree: Any) -> Callable[[Floats], Bools]:
    limits, default = np.array(tree["split_conditions"], np.float32), np.array(tree["default_left"], np.bool_)
    starts, sizes, codes = tree["categories_segments"], tree["categories_sizes"], np.array(tree["categories"])
    parts = zip(tree["categories_nodes"], starts, sizes, strict=True)
    right = {node: codes[start : start + size] for node, start, size in parts}

    def decide(values: Floats) -> Bools:
        left = values.astype(np.float32) < limits
        for node, chosen in right.items():
            left[:, node] = ~np.isin(values[:, node], chosen)
        return np.where(np.isnan(values), default, left)

    return decide
