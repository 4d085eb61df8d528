"""What stands beside a map: the numbers of its step (frontend/src/widgets/caption.tsx)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tb_attribution_plugin.drawing.numerals import numeral, percent, probability, signed
from tb_attribution_plugin.logging.read import ReadRun
from tb_attribution_plugin.logging.read_probe import ReadProbe
from tb_attribution_plugin.logging.read_series import ReadSeries

_ERRORS = {
    "gap": "gap",
    "standard_error": "std. error",
    "one_minus_r2": "1 \u2212 R\u00b2",
    "absorbed": "absorbed",
    "map_difference": "map diff.",
}


def example_lines(probe: ReadProbe | None, example: int) -> list[str]:
    """What an example is: its number, its name where it has one, its true label."""
    if probe is None:
        return [f"#{example}"]
    name = probe.names[example] if example < len(probe.names) else ""
    lines = [f"#{example}" if name in ("", f"#{example}") else f"#{example} {name}"]
    if probe.labels is not None and example < len(probe.labels):
        lines.append(f"true {_label(probe, float(probe.labels[example]))}")
    if probe.modality == "image" and not probe.inputs_stored:
        lines.append("input not stored")
    return lines


def step_name(run: ReadRun, step: int) -> str:
    """The step, and the epoch it lies in, counted from 1 as fit prints them."""
    epochs = run.scalars.get("epoch")
    at = {} if epochs is None else dict(zip(epochs.steps.tolist(), epochs.values.tolist(), strict=True))
    epoch = at.get(step)
    return f"step {step}" if epoch is None or not math.isfinite(epoch) else f"step {step}, epoch {int(epoch) + 1}"


def map_lines(series: ReadSeries, step: int, example: int) -> list[str]:
    """What the model said of the example, the explained scalar, and the method's own error."""
    row = {name: float(values[example]) for name, values in series.stats(step).items()}
    lines = [_predicted(series.probe, row, example), _target(series.probe, row)]
    output = row.get("STAT_OUTPUT", float("nan"))
    if output == output:
        lines.append(f"{series.scalar or 'f(x)'} {signed(output)}")
    return [line for line in [*lines, _residual(series, row)] if line]


def _predicted(probe: ReadProbe | None, row: dict[str, float], example: int) -> str:
    value, p = row.get("STAT_PREDICTION", float("nan")), row.get("STAT_PREDICTION_PROBABILITY", float("nan"))
    if value != value:
        return ""
    if p != p:
        return f"\u2192 {numeral(value)}"
    labels: Sequence[float] = () if probe is None or probe.labels is None else probe.labels.tolist()
    mark = " \u2717" if example < len(labels) and labels[example] != value else ""
    return f"\u2192 {_class(probe, value)} {probability(p)}{mark}"


def _target(probe: ReadProbe | None, row: dict[str, float]) -> str:
    p, target = row.get("STAT_TARGET_PROBABILITY", float("nan")), row.get("STAT_TARGET", float("nan"))
    if p != p or target == row.get("STAT_PREDICTION"):
        return ""
    return f"p({'target' if target != target else _class(probe, target)}) {probability(p)}"


def _residual(series: ReadSeries, row: dict[str, float]) -> str:
    name, residual = _ERRORS.get(series.error_kind, ""), row.get("STAT_RESIDUAL", float("nan"))
    if not name or residual != residual:
        return ""
    if series.error_kind != "gap":
        return f"{name} {numeral(residual, 2)}"
    total = row.get("STAT_SUM_ABS", 0.0)
    share = f" ({percent(abs(residual) / total)})" if total > 0 else ""
    return f"{name} {signed(residual, 2)}{share}"


def _label(probe: ReadProbe, label: float) -> str:
    return _class(probe, label) if label.is_integer() else numeral(label, 4)


def _class(probe: ReadProbe | None, index: float) -> str:
    names = [] if probe is None else probe.class_names
    known = index.is_integer() and 0 <= index < len(names)
    return names[int(index)] if known else numeral(index, 4) if not index.is_integer() else str(int(index))
