"""How wrong sampled Shapley values are at equal forward evaluations, beside shap and captum.

    python -m benchmarks.shapley [--seeds 20] [--columns 12 13 14]

Networks of scikit-learn (ReLU and tanh) learn breast_cancer from its first columns. Their log-odds for one row are a
game of that many players (absent: the mean over 20 other rows), whose values are worked out for all coalitions once, so
that the exact Shapley values are known and every tool asks the same table. An error is the root of the mean square over
players and seeds, in units of the exact values' own root mean square. Aim: at most half of shap's, whose selection of
features is off. The interval of the ratio holds 95% of resampled seeds. `calibration` is the standard deviation of our
errors over the seeds, divided by the standard error that is claimed. No tool can enumerate at any of these budgets.
`make bench-peers` installs the others.
"""

from __future__ import annotations

import argparse
import functools
import logging
import warnings
from collections.abc import Callable

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_breast_cancer
from sklearn.neural_network import MLPClassifier

from benchmarks import peers, tables
from tb_attribution_plugin.methods import coalitions
from tb_attribution_plugin.methods.permutation_shapley import Orders
from tb_attribution_plugin.methods.shapley_exact import Enumerated
from tb_attribution_plugin.methods.shapley_regression import Regression

BACKGROUND = 20
Estimate = Callable[[np.ndarray, int, int], np.ndarray]  # values, budget, seed -> scores [players]


@functools.cache
def game(columns: int, activation: str) -> np.ndarray:
    """Values of all coalitions, by number."""
    data = load_breast_cancer()
    table = (data.data[:, :columns] - data.data[:, :columns].mean(0)) / data.data[:, :columns].std(0)
    network = MLPClassifier((32, 16), activation=activation, alpha=1e-3, max_iter=400, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not yet converged: any network will do
        network.fit(table, data.target)
    members = coalitions.numbered(np.arange(2**columns), columns)
    total = np.zeros(2**columns)
    for row in table[1 : BACKGROUND + 1]:
        chances = network.predict_proba(np.where(members, table[0], row))
        total += np.log(np.maximum(chances[:, 1], 1e-12) / np.maximum(chances[:, 0], 1e-12))
    return total / BACKGROUND


def numbers(members: np.ndarray) -> np.ndarray:
    return (members.astype(np.int64) << np.arange(members.shape[1])).sum(1)


def ours(values: np.ndarray, budget: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores and standard errors."""
    players = int(np.log2(len(values)))
    design = Regression(players, budget, seed)
    asked = numbers(design.switches(tf.range(design.count)).numpy())
    found = design.scores(tf.constant(values[asked][:, None]), tf.constant(values[-1:]))
    assert found.errors is not None
    return found.scores[0].numpy(), found.errors[0].numpy()


def by_orders(values: np.ndarray, budget: int, seed: int) -> np.ndarray:
    """Ours by as many pairs of orders as the budget holds.

    Raises:
      ValueError: it holds less than two.
    """
    players = int(np.log2(len(values)))
    pairs = (budget - 2) // (2 * (players - 1))
    if pairs < 2:
        raise ValueError("less than two pairs")
    design = Orders(players, pairs, seed)
    asked = numbers(design.switches(tf.range(design.count)).numpy())
    return design.scores(tf.constant(values[asked][:, None]), tf.constant(values[-1:])).scores[0].numpy()


def shap(values: np.ndarray, budget: int, seed: int) -> np.ndarray:
    from shap import KernelExplainer

    players = int(np.log2(len(values)))
    np.random.seed(seed)  # noqa: NPY002 - shap draws from it
    explainer = KernelExplainer(lambda rows: values[numbers(np.asarray(rows) > 0.5)], np.zeros((1, players)))
    # It counts neither the coalition of nobody nor that of all.
    return np.ravel(explainer.shap_values(np.ones((1, players)), nsamples=budget - 2, l1_reg=False, silent=True))


def captum(values: np.ndarray, budget: int, seed: int) -> np.ndarray:
    import torch
    from captum.attr import KernelShap

    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - captum draws from both
    explainer = KernelShap(lambda rows: torch.tensor(values[numbers(rows.numpy() > 0.5)]))
    players = int(np.log2(len(values)))
    found = explainer.attribute(torch.ones(1, players), torch.zeros(1, players), n_samples=budget - 2)
    return found.detach().numpy()[0]


def interval(errors: np.ndarray, others: np.ndarray) -> str:
    """The ratio of two root mean squares [seeds, players] and where 95% of those of resampled seeds lie."""
    random, ratios = np.random.default_rng(0), []
    for _ in range(1000):
        some, more = (random.integers(0, len(one), len(one)) for one in (errors, others))
        ratios.append(_root(errors[some]) / _root(others[more]))
    low, high = np.percentile(ratios, (2.5, 97.5))
    return f"{_root(errors) / _root(others):.2f} ({low:.2f} .. {high:.2f})"


def _root(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def cells(columns: int, activation: str, budget: int, seeds: int) -> list[str]:
    values = game(columns, activation)
    exact = Enumerated(columns).scores(tf.constant(values[:-1, None]), tf.constant(values[-1:])).scores[0].numpy()
    size = _root(exact)
    found = [ours(values, budget, seed) for seed in range(seeds)]
    errors = np.array([scores - exact for scores, _ in found])
    claimed = np.array([standard for _, standard in found])
    calibration = np.sqrt(errors.var(0, ddof=1).mean() / (claimed**2).mean())
    row = [f"{columns} {activation}", f"{budget}", f"{_root(errors) / size:.4f}", f"{calibration:.2f}"]
    others: list[Estimate] = [by_orders, shap, captum]
    for estimate in others:
        try:
            theirs = np.array([estimate(values, budget, seed) - exact for seed in range(seeds)])
        except Exception as error:  # whatever a peer does wrong is its row
            row += [peers.reason(error), "-"]
        else:
            row += [f"{_root(theirs) / size:.4f}", interval(errors, theirs)]
    return row[:5] + row[6:]  # ours by orders is no peer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--columns", type=int, nargs="+", default=[12, 13, 14])
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    tables.head(
        ("game", "evaluations", "ours", "calibration", "by orders", "shap", "ours / shap", "captum", "ours / captum")
    )
    for columns in given.columns:
        for activation in ("relu", "tanh"):
            for budget in (columns + 2, 64, 512, 2048):
                tables.row(cells(columns, activation, budget, given.seeds))


if __name__ == "__main__":
    main()
