"""Explanations that the shap library has computed, logged. Nothing of shap is imported: its objects hold arrays."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.integrations.shap_arrays import Explained, read
from tb_attribution_plugin.integrations.target import are_probabilities
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe


def log_explanation(
    writer: AttributionWriter | str | os.PathLike[str],
    step: int,
    explanation: Any,
    *,
    tag: str = "shap",
    method: str = "SHAP",
    target: Any = None,
    scalar: str = "value",
    outputs: Any = None,
    labels: Any = None,
    probe: Any = None,
) -> None:
    """Logs a `shap.Explanation` at one step.

        explanation = shap.Explainer(model, background)(x_val[:8])
        log_explanation("runs/shap", 0, explanation, labels=y_val[:8], outputs=model.predict_proba(x_val[:8]))

    Args:
      writer: for one step a log_dir; for several an AttributionWriter, whose probe was explained.
      step: optimizer steps, boosting rounds ...; ascending.
      explanation: values [B, F], [B, H, W, C] or rows of tokens; for several outputs with one axis more, at the end.
      tag: name of the series; two explainers take two.
      method: of the explainer, in words.
      target: of several outputs, the one that is logged: "label", "predicted" (the largest), an index or a name of
        `explanation.output_names`, or one index per example. None: "label" where there are labels, else "predicted".
      scalar: unit of the values: "margin", "logit", "probability", "value".
      outputs: [B] or [B, outputs], what the explained function returned. The residual is then what is missing for
        base value and scores to add up to it.
      labels: of the examples; with a log_dir only.
      probe: a Probe where the explanation's own data are not what is to be shown; with a log_dir only.

    Raises:
      ValueError, TypeError: an explanation of another form, with the rule and the fix.
    """
    if isinstance(writer, AttributionWriter):
        if probe is not None or labels is not None:
            raise ValueError("the writer has a probe with its labels already; give probe= and labels= with a log_dir")
        _write(writer, step, read(explanation), tag, method, target, scalar, outputs)
        return
    found = read(explanation)
    shown = found.probe(labels) if probe is None else Probe.wrap(probe)
    with AttributionWriter(writer, shown, start_step=step) as opened:
        opened.describe_baseline("the explainer's background")
        _write(opened, step, found, tag, method, target, scalar, outputs)


def _write(
    writer: AttributionWriter,
    step: int,
    found: Explained,
    tag: str,
    method: str,
    target: Any,
    scalar: str,
    outputs: Any,
) -> None:
    given = None if outputs is None else np.asarray(outputs, np.float64)
    name, columns = found.chosen(target, writer.probe.labels)
    scores, base = found.of(columns)
    inputs = writer.probe.arrays[writer.probe.shown].shape
    if scores.shape[: len(inputs)] != inputs:  # texts are [B], and cut into any number of tokens
        raise ValueError(
            f"the explanation has values {list(scores.shape)}, but the writer's probe has inputs {list(inputs)}; "
            "explain the probe itself: explainer(probe.inputs)"
        )
    value = None if given is None else _picked(given, found, columns)
    residual = None if value is None else value - base - scores.reshape(len(scores), -1).sum(1)
    if tag not in writer.declared:
        writer.series(tag, method=method, target=name, scalar=scalar, error_kind="gap", additive=True)
    writer.write(
        step,
        {tag: Attribution(scores.astype(np.float32), residual, value, base)},
        outputs=_predictions(given),
        targets={} if columns is None else {tag: columns},
        seconds={tag: found.seconds},
    )


def _picked(outputs: NDArray[np.float64], found: Explained, columns: NDArray[np.int64] | None) -> NDArray[np.float64]:
    rows = np.arange(found.size)
    if outputs.ndim == 2 and outputs.shape[1] == 1:
        outputs = outputs[:, 0]
    if columns is not None and outputs.shape == (found.size, found.outputs):
        return outputs[rows, columns]
    if outputs.shape != (found.size,):
        expected = f"[{found.size}]" if columns is None else f"[{found.size}, {found.outputs}]"
        raise ValueError(f"outputs have shape {list(outputs.shape)}; the explained function returned {expected}")
    return outputs


def _predictions(outputs: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """Predicted values, or probabilities; other columns are neither."""
    if outputs is None or outputs.ndim == 1 or outputs.shape[1] == 1:
        return outputs
    return outputs if are_probabilities(outputs) else None
