"""Tree SHAP while an XGBoost model is trained."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

try:
    import xgboost
except ModuleNotFoundError as error:
    raise ImportError("tba.integrations.xgboost needs xgboost: pip install xgboost") from error

from tb_attribution_plugin.integrations.ensemble import PATH_DEPENDENT, check_perturbation
from tb_attribution_plugin.integrations.rounds import Options, Rounds
from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.integrations.xgboost_trees import BoosterExplainer
from tb_attribution_plugin.schedule import UpdateFreq


class AttributionCallback(xgboost.callback.TrainingCallback):
    """Explains a fixed probe while trees are added, and logs the contributions for TensorBoard.

        xgboost.train(params, dtrain, 200, callbacks=[AttributionCallback("runs/trees", (x_val[:16], y_val[:16]))])
        XGBClassifier(callbacks=[AttributionCallback("runs/trees", (x_val[:16], y_val[:16]))]).fit(x, y)

    Steps are boosting rounds: 1 is the model after its first tree. Training gives the same bytes with and without it,
    and an attribution that fails never stops it. A `base_margin` of the training data is no part of the model, and not
    of what is explained.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        probe: Any,
        *,
        feature_perturbation: str = PATH_DEPENDENT,
        background: Any = None,
        missing: float = float("nan"),
        target: Any = "label",
        update_freq: UpdateFreq = "auto",
        max_overhead: float | None = 0.05,
        max_bytes: int | None = None,
        on_error: str = "warn",
        name: str = "attribution",
    ) -> None:
        """Args:
          log_dir: TensorBoard's directory of this run; attributions go to `<log_dir>/<name>`.
          probe: (x, y) or x, arrays or DataFrames with the columns of the training data, or a tabular Probe.
          feature_perturbation: "path_dependent": an absent column goes both ways, by the rows of training that did;
            "interventional": it has the values of the background's rows.
          background: rows for "interventional"; None: those of the Probe.
          missing: the number that stands for a missing value, as the DMatrix or the XGBClassifier was given it; in rows
            and background it becomes NaN.
          target: "label", "predicted" (at every step), a class index or name, one index per example, or {tag: target}
            for several. Classes are explained by their margin (logit minus the mean of the other logits).
          update_freq: "auto" (rounds 1, 2, 4, 8 ... and the last) or every N rounds.
          max_overhead: attribution may take this share of the other time of training, after 10 free seconds; then it is
            thinned to every 2nd, 4th ... entry. None: no limit.
          max_bytes: nothing is written beyond this size on disk. None: no limit.
          on_error: "warn" reports a failing attribution once and goes on; "raise" stops training.
          name: of the run directory; two callbacks in one fit take two names.

        Raises:
          ValueError, TypeError: names the argument, its rule and the value; what only the model can tell, before the
            first round.
        """
        super().__init__()
        self._table = Table.of(probe, background).without(missing)
        check_perturbation(feature_perturbation, self._table)
        self._options = Options(
            log_dir, target, feature_perturbation, update_freq, max_overhead, max_bytes, on_error, name
        )
        self._rounds: Rounds | None = None

    def before_training(self, model: Any) -> Any:
        self.close()
        if xgboost.collective.get_rank() > 0:  # of several processes that train one model, one logs
            return model
        explainer = BoosterExplainer(model, self._table, self._options.feature_perturbation)
        self._rounds = Rounds(explainer, self._options, start=model.num_boosted_rounds())
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Mapping[str, Any]]) -> bool:
        if self._rounds is not None:
            logs = {
                f"{data}_{metric}": _last(values) for data, one in evals_log.items() for metric, values in one.items()
            }
            self._rounds.ended(model, model.num_boosted_rounds(), logs)
        return False

    def after_training(self, model: Any) -> Any:
        self.close(model)
        return model

    def close(self, model: Any = None) -> None:
        """Closes the log; XGBoost does it where training is not interrupted."""
        rounds, self._rounds = self._rounds, None
        if rounds is not None:
            rounds.close(model, 0 if model is None else model.num_boosted_rounds())


def _last(values: Any) -> float:
    """Of the rounds so far; with xgboost.cv they are pairs of mean and deviation."""
    return float(values[-1])
