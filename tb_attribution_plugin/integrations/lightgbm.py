"""Tree SHAP while a LightGBM model is trained."""

from __future__ import annotations

import os
from typing import Any

try:
    import lightgbm
except ModuleNotFoundError as error:
    raise ImportError("tba.integrations.lightgbm needs lightgbm: pip install lightgbm") from error

import numpy as np

from tb_attribution_plugin.integrations.ensemble import PATH_DEPENDENT, check_perturbation
from tb_attribution_plugin.integrations.lightgbm_trees import BoosterExplainer
from tb_attribution_plugin.integrations.rounds import Options, Rounds
from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.schedule import UpdateFreq


def attribution_callback(
    log_dir: str | os.PathLike[str],
    probe: Any,
    *,
    feature_perturbation: str = PATH_DEPENDENT,
    background: Any = None,
    classes: Any = None,
    target: Any = "label",
    update_freq: UpdateFreq = "auto",
    max_overhead: float | None = 0.05,
    max_bytes: int | None = None,
    on_error: str = "warn",
    name: str = "attribution",
) -> AttributionCallback:
    """Explains a fixed probe while trees are added, and logs the contributions for TensorBoard.

        callback = attribution_callback("runs/trees", (x_val[:16], y_val[:16]))
        lightgbm.train(params, data, 200, callbacks=[callback])
        LGBMClassifier().fit(x, y, callbacks=[callback])

    Labels count the classes from 0, as those of `lightgbm.train`; LGBMClassifier sorts and counts what it is given, so
    pass all of it where that is something else: `classes=y_train`.

    The other arguments are those of `tba.integrations.xgboost.AttributionCallback`. What only the model can tell is
    refused after the first round: LightGBM shows no model earlier. Where early stopping ends training, the last step is
    that of the schedule before.

    Raises:
      ValueError, TypeError: names the argument, its rule and the value.
    """
    if classes is not None and isinstance(probe, Probe):
        raise ValueError("classes= is for y of (x, y); labels of a Probe count from 0, and its class_names name them")
    found = None if classes is None else np.unique(classes)
    table = Table.of(probe, background, found)
    check_perturbation(feature_perturbation, table)
    options = Options(log_dir, target, feature_perturbation, update_freq, max_overhead, max_bytes, on_error, name)
    return AttributionCallback(table, options, found)


class AttributionCallback:
    """What LightGBM calls after every round; see `attribution_callback`."""

    # After evaluations are recorded (20), before early stopping (30) ends training.
    order = 25
    before_iteration = False

    def __init__(self, table: Table, options: Options, classes: Any = None) -> None:
        self._table = table
        self._options = options
        self._classes = classes
        self._rounds: Rounds | None = None

    def __call__(self, env: lightgbm.callback.CallbackEnv) -> None:
        model = env.model
        if env.iteration == env.begin_iteration:
            self.close()
            explainer = BoosterExplainer(model, self._table, self._options.feature_perturbation, env.params)
            if self._classes is not None and len(self._classes) != explainer.head.classes:
                raise ValueError(
                    f"classes holds {len(self._classes)} of them, but the model tells {explainer.head.classes} apart; "
                    "pass classes=y_train"
                )
            self._rounds = Rounds(explainer, self._options, start=model.current_iteration() - 1)
        if self._rounds is None:
            return
        logs = {f"{one[0]}_{one[1]}": one[2] for one in env.evaluation_result_list or ()}
        self._rounds.ended(model, model.current_iteration(), logs)
        if env.iteration + 1 == env.end_iteration:
            self.close(model)

    def close(self, model: Any = None) -> None:
        """Closes the log; done at the last round. Where training ends before, it is closed with the callback."""
        rounds, self._rounds = self._rounds, None
        if rounds is not None:
            rounds.close(model, 0 if model is None else model.current_iteration())
