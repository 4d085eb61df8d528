"""The record that every method returns and every writer takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from PIL import Image


class Attribution(NamedTuple):
    """What a method found, and how wrong it may be. NumPy or TensorFlow arrays; B examples.

    Attributes:
      scores: structure of the inputs, each [B, *grid], float32. Signed unless the method says otherwise.
        The grid is the input's own shape, or the method's own (a CAM's is its layer's).
      residual: [B], the method's own measure of how wrong it is (its `error_kind`); NaN where it has none.
      outputs: [B], the explained scalar f(x).
      baseline_outputs: [B], f(x0); NaN where the method has no baseline.
      segment_scores: [B, K], one value per segment; None where features are not grouped.
      errors: an error per value, in the shape of `scores` (or of `segment_scores`); None where the method has none.
      evaluations: [B], model evaluations spent, forward or forward and backward.
    """

    scores: Any
    residual: Any = None
    outputs: Any = None
    baseline_outputs: Any = None
    segment_scores: Any = None
    errors: Any = None
    evaluations: Any = None

    def plot(
        self,
        inputs: Any = None,
        *,
        modality: str | None = None,
        names: Sequence[Any] = (),
        signed: bool = True,
        examples: Sequence[int] | None = None,
    ) -> Image.Image:
        """Draws the maps in the colours of the page, all examples on one scale that ends at P99 of |score|.

        Channels of a picture are summed; where all have the score of their place, as by occlusion, that is drawn.

        Args:
          inputs: what was explained, which images are laid over and bars stand beside, or the probe, which has the
            names too; None: the maps alone.
          modality: "image", "tabular", "text" or "time_series"; None infers it from the inputs.
          names: of columns or channels; of texts the tokens of each example.
          signed: False for methods whose scores are magnitudes.
          examples: which of them; None: the first 16.

        Returns:
          A picture, which notebooks show and `.save("maps.png")` saves.

        Raises:
          ValueError, TypeError: name the argument, its rule and the value.
        """
        from tb_attribution_plugin.drawing.plot import plot

        return plot(self, inputs, modality=modality, names=names, signed=signed, examples=examples)

    def _repr_html_(self) -> str:
        from tb_attribution_plugin.drawing.notebook import repr_html

        return repr_html(self)
