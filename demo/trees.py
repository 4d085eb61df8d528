"""Tree SHAP while XGBoost learns a table, with and without a column that leaks the answer.

Usage: python demo/trees.py --logdir runs

The table is breast_cancer of scikit-learn with one column more, "follow-up visits", made up as such columns are: set
down after the diagnosis. The run `leaked` is trained on it; for `clean` the column was shuffled among the rows, so that
it tells nothing. On rows held out of the same table the leak looks like skill; on the day of use nobody has been seen
again yet. The curve of the region "leak" tells the two apart from the first tree on.
"""

from __future__ import annotations

import argparse
import pathlib
import shutil
from typing import Any

import numpy as np
import xgboost
from sklearn.datasets import load_breast_cancer

import tb_attribution_plugin as tba

LEAK = "follow-up visits"
TRAINED, EXPLAINED, ROUNDS = 300, 12, 64


def table(seed: int = 0) -> tuple[Any, Any]:
    """Rows with gaps, as in real tables, in random order."""
    rows, labels = load_breast_cancer(return_X_y=True, as_frame=True)
    random = np.random.default_rng(seed)
    rows = rows.mask(random.random(rows.shape) < 0.03)
    rows.insert(0, LEAK, random.poisson(np.where(labels == 0, 3.0, 0.4)))
    order = random.permutation(len(rows))
    return rows.iloc[order], labels.iloc[order]


def train(log_dir: pathlib.Path, rows: Any, labels: Any, probe: tba.Probe) -> xgboost.Booster:
    data = xgboost.DMatrix(rows, labels)
    return xgboost.train(
        {"objective": "binary:logistic", "eta": 0.1, "max_depth": 4},
        data,
        ROUNDS,
        evals=[(data, "train")],
        verbose_eval=False,
        callbacks=[tba.integrations.xgboost.AttributionCallback(log_dir, probe)],
    )


def errors(model: xgboost.Booster, rows: Any, labels: Any) -> str:
    """On rows that are not trained on, as they are and as they would come."""
    found = [np.mean((model.predict(xgboost.DMatrix(one)) > 0.5) != labels) for one in (rows, rows.assign(**{LEAK: 0}))]
    return f"{found[0]:.1%} errors on held-out rows, {found[1]:.1%} where nobody has been seen again yet"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logdir", type=pathlib.Path, default=pathlib.Path("runs"))
    root = parser.parse_args().logdir
    rows, labels = table()
    held_out, known = rows[TRAINED:], rows[:TRAINED]
    probe = tba.Probe(
        held_out[:EXPLAINED],
        labels[TRAINED:][:EXPLAINED],
        names=[f"row {row}" for row in held_out.index[:EXPLAINED]],
        class_names=["malignant", "benign"],
        feature_names=list(rows.columns),
        regions={"leak": [LEAK]},
    )
    shuffled = known.assign(**{LEAK: np.random.default_rng(1).permutation(known[LEAK])})
    for name, one in (("leaked", known), ("clean", shuffled)):
        shutil.rmtree(root / name, ignore_errors=True)
        model = train(root / name, one, labels[:TRAINED], probe)
        print(f"{name}: {errors(model, held_out, labels[TRAINED:])}")


if __name__ == "__main__":
    main()
