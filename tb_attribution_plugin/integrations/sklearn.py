"""Tree SHAP of scikit-learn's ensembles: forests, GradientBoosting and HistGradientBoosting."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

try:
    import sklearn.ensemble as _  # noqa: F401
except ModuleNotFoundError as error:
    raise ImportError("tba.integrations.sklearn needs scikit-learn: pip install scikit-learn") from error

from tb_attribution_plugin.integrations.ensemble import PATH_DEPENDENT, check_perturbation
from tb_attribution_plugin.integrations.rounds import Options, Rounds
from tb_attribution_plugin.integrations.sklearn_kinds import kind_of
from tb_attribution_plugin.integrations.sklearn_trees import EnsembleExplainer
from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.schedule import UpdateFreq


class AttributionLogger:
    """Explains a fixed probe while an ensemble grows, and logs the contributions for TensorBoard.

        with AttributionLogger("runs/trees", (x_val[:16], y_val[:16])) as logger:
            for trees in range(10, 210, 10):
                logger.log(forest.set_params(n_estimators=trees, warm_start=True).fit(x, y))

    GradientBoosting calls it by itself: `model.fit(x, y, monitor=logger)`. Steps are rounds: trees of a forest,
    boosting iterations of the others. A model that is fitted already is explained by `explain_stages`.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        probe: Any,
        *,
        feature_perturbation: str = PATH_DEPENDENT,
        background: Any = None,
        target: Any = "label",
        update_freq: UpdateFreq = 1,
        max_overhead: float | None = 0.05,
        max_bytes: int | None = None,
        on_error: str = "warn",
        name: str = "attribution",
    ) -> None:
        """The arguments are those of `tba.integrations.xgboost.AttributionCallback`, but that every call is logged.

        Args:
          probe: (x, y) or x, y as `fit` takes it; or a Probe, whose labels count the classes from 0.

        Raises:
          ValueError, TypeError: names the argument, its rule and the value; what only the model can tell, at its first
            log.
        """
        self._probe, self._background = probe, background
        self._options = Options(
            log_dir, target, feature_perturbation, update_freq, max_overhead, max_bytes, on_error, name
        )
        self._rounds: Rounds | None = None
        self._model: Any = None

    def log(self, model: Any, rounds: int | None = None) -> None:
        """Explains a fitted model, or the first `rounds` of its rounds; more than at the last call."""
        if self._rounds is None:
            table = Table.of(self._probe, self._background, getattr(_explicable(model), "classes_", None))
            check_perturbation(self._options.feature_perturbation, table)
            explainer = EnsembleExplainer(model, table, self._options.feature_perturbation)
            self._rounds = Rounds(explainer, self._options, start=0)
        self._model = model
        self._rounds.ended(model, kind_of(model).rounds(model) if rounds is None else rounds, {})

    def __call__(self, iteration: int, model: Any, variables: Any = None) -> bool:
        """What GradientBoosting calls as its `monitor`; never stops it."""
        self.log(model, iteration + 1)
        return False

    def close(self) -> None:
        """Closes the log, with the last round where a schedule left it out."""
        rounds, self._rounds = self._rounds, None
        if rounds is not None:
            rounds.close(self._model, kind_of(self._model).rounds(self._model))

    def __enter__(self) -> AttributionLogger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def explain_stages(
    model: Any,
    log_dir: str | os.PathLike[str],
    probe: Any,
    *,
    feature_perturbation: str = PATH_DEPENDENT,
    background: Any = None,
    target: Any = "label",
    update_freq: UpdateFreq = "auto",
    max_bytes: int | None = None,
    name: str = "attribution",
) -> None:
    """Logs how a fitted ensemble came to its predictions: after 1, 2, 4, 8 ... rounds and all of them.

        explain_stages(HistGradientBoostingClassifier().fit(x, y), "runs/trees", (x_val[:16], y_val[:16]))

    Raises:
      ValueError, TypeError: names the argument, its rule and the value.
    """
    total = kind_of(model).rounds(_explicable(model))
    logger = AttributionLogger(
        log_dir,
        probe,
        feature_perturbation=feature_perturbation,
        background=background,
        target=target,
        update_freq=update_freq,
        max_overhead=None,
        max_bytes=max_bytes,
        on_error="raise",
        name=name,
    )
    with logger:
        for rounds in range(1, total + 1):
            logger.log(model, rounds)


def _explicable(model: Any) -> Any:
    """The model, if it is fitted and its trees can be explained."""
    kind = kind_of(model)
    if not hasattr(model, "n_features_in_"):
        raise ValueError(f"the {type(model).__name__} is not fitted; call fit(x, y) first")
    kind.head(model)
    return model
