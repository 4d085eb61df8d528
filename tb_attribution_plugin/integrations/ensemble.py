"""What an ensemble of trees says of the rows that are explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

import numpy as np

from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.integrations.target import Floats, Head
from tb_attribution_plugin.integrations.tree import Tree
from tb_attribution_plugin.integrations.tree_shap import Shares, interventional, path_dependent

PATH_DEPENDENT, INTERVENTIONAL = "path_dependent", "interventional"


class Explained(NamedTuple):
    """Of B rows with F columns; U outputs.

    Attributes:
      scores: [B, F, U], contributions to the outputs.
      base: [U], what the outputs are where every column is absent.
      outputs: [B, U], raw: logits, values, or what a forest votes.
      predictions: [B, classes] probabilities or [B] values, for the log.
    """

    scores: Floats
    base: Floats
    outputs: Floats
    predictions: Floats


class Explainer(Protocol):
    """Explains one ensemble while it grows; keeps what it found out of earlier trees.

    Attributes:
      head: of the model.
      table: the rows, in the model's columns.
      grown: contributions of the rounds so far.
    """

    head: Head
    table: Table
    grown: Grown

    def __call__(self, model: Any, rounds: int) -> Explained:
        """The model after so many rounds."""
        ...


class Grown:
    """Contributions of a growing number of rounds: sums over trees, so that each round is looked into once.

    Attributes:
      looked_into: rounds so far; those that were done again count again.
    """

    def __init__(self, of: Callable[[Any, int, int], Shares], *, additive: bool = True) -> None:
        """Args:
        of: model, first round and the one after the last -> what these rounds add.
        additive: False where earlier trees change afterwards, so that all are looked into again.
        """
        self.looked_into = 0
        self._of = of
        self._additive = additive
        self._rounds = 0
        self._sum: Shares | None = None

    def upto(self, model: Any, rounds: int) -> Shares:
        """Of the first so many rounds."""
        known = self._sum if self._additive and self._rounds <= rounds else None
        first = 0 if known is None else self._rounds
        if known is None or first < rounds:
            new = self._of(model, first, rounds)
            known = new if known is None else Shares(known.scores + new.scores, known.base + new.base)
        self.looked_into += rounds - first
        self._rounds, self._sum = rounds, known
        return known


def summed(trees: Iterable[Tree], rows: Floats, background: Floats | None, units: int) -> Shares:
    """Of all trees; path-dependent where no background is given."""
    scores, base = np.zeros((len(rows), rows.shape[1], units)), np.zeros(units)
    for tree in trees:
        found = path_dependent(tree, rows) if background is None else interventional(tree, rows, background)
        scores, base = scores + found.scores, base + found.base
    return Shares(scores, base)


def closed(found: Explained) -> Explained:
    """The same, if contributions add up to the outputs as far as rounding goes.

    Raises:
      ValueError: they do not: trees were read otherwise than the model reads them.
    """
    gap = np.abs(found.outputs - found.base - found.scores.sum(axis=1))
    size = np.abs(found.outputs) + np.abs(found.base) + np.abs(found.scores).sum(axis=1)
    if not (gap <= 1e-4 * size).all():  # NaN is not
        row = int(gap.max(axis=1).argmax())
        raise ValueError(
            f"the contributions of row {row} miss the model's output by {gap.max():.3g}, so they are not shown; "
            "please report this model's kind of trees"
        )
    return found


def check_perturbation(perturbation: Any, table: Table) -> None:
    """Raises ValueError for what it cannot be, or where the background is missing."""
    if perturbation not in (PATH_DEPENDENT, INTERVENTIONAL):
        raise ValueError(f"feature_perturbation must be 'path_dependent' or 'interventional'; got {perturbation!r}")
    if perturbation == INTERVENTIONAL and table.background is None:
        raise ValueError(
            "feature_perturbation='interventional' needs the rows that absent columns are drawn from: pass "
            "background=x_train[:100], or Probe(..., background=...)"
        )


def check_one(booster: Any, library: Any) -> None:
    """Raises TypeError for the boosters of a cross-validation.

    Args:
      library: the module `xgboost` or `lightgbm`.
    """
    if not isinstance(booster, library.Booster):
        name = library.__name__
        raise TypeError(
            f"the callback explains one booster, and {type(booster).__name__} of {name}.cv is several; use it in "
            f"{name}.train, or fit one model per fold with a name of its own"
        )
