"""What the explained scalar loses behind a window that slides over the input."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import resolution, switched, windows
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Occlusion:
    """Covers one window at a time with the baseline.

        scores = mean over the windows that cover the feature of f(x) - f(x with the window at the baseline)

    Zeiler and Fergus, 2014, section 4.2 (arXiv:1311.2901), with the mean over windows of captum. All channels of a
    window are covered at once and have the same score, which a log holds once: windows slide over height and width,
    time, tokens, or the columns of a table. The last one of an axis is clipped at its border. Scores do not sum to
    anything, because windows overlap and features act together; a feature that no window covers (a stride above the
    window) has 0.

    It misleads where a covered input looks like nothing the model knows, which the edges of a window do, and where two
    things stand in for each other: covering one of them changes nothing.

    Attributes:
      window: side, in features, or one for each axis, (height, width).
      stride: from one window to the next, as `window`; None is half the window, rounded up.
      baseline: x0, in the units of the inputs; "auto" is resolved from the probe. Cost is one forward evaluation per
        window for each of its points, and f(x).
    """

    window: Any
    stride: Any = None
    baseline: Any = "auto"

    name: ClassVar[str] = "occlusion"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    joins_targets: ClassVar[bool] = True
    per_place: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not isinstance(self.window, windows.Windows):
            windows.check_sides("window", self.window)
        if self.stride is not None:
            windows.check_sides("stride", self.stride)

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        """Of a resolved method, whose windows are counted."""
        return sum(self.window.counts) * self.baseline.count + 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        method = resolution.resolved(self, model, inputs)
        outputs, features, covering = model.values(inputs), model.features(inputs), method.window
        masks = switched.shared(lambda window: covering.present(window, features))
        values = switched.values(model, inputs, method.baseline, masks, sum(covering.counts), method)
        means = covering.means(outputs - tf.cast(values, tf.float32), features)
        nothing = outputs * math.nan
        return Attribution(
            scores=tf.nest.map_structure(windows.whole, means, features, model.takes_ids(inputs)),
            residual=nothing,
            outputs=outputs,
            baseline_outputs=nothing,
            evaluations=tf.fill(tf.shape(outputs), float(method.cost())),
        )
