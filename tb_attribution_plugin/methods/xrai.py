"""XRAI: the regions of an image that Integrated Gradients point at."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from typing import Any, ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import images, overlapping, ranking
from tb_attribution_plugin.methods.arguments import check_choice, check_flag, is_number
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.integrated_gradients import IntegratedGradients
from tb_attribution_plugin.methods.rows import Structure

REDUCTIONS = ("sum", "max")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class XRAI:
    """Integrated Gradients, averaged over regions that are ranked by how much they hold.

        scores = sum of IG over the region of the feature / number of its features

    A region is what a mask adds to the masks before it; each time the one whose addition has the largest mean comes
    next. What none adds is the last region. Kapishnikov et al., 2019 (arXiv:1906.02825), with Integrated Gradients from
    the probe's darkest and brightest constant; the masks are Felzenszwalb's segments at 6 scales
    (segments/felzenszwalb.py), made once, because they do not depend on the weights. The residual is the completeness
    gap of Integrated Gradients: regions keep their sums.

    It misleads where segments do not follow what the model sees (textures, small pictures): all of a region gets one
    value, and its borders are edges of the image whatever the weights are. Images [batch, height, width, channels]
    only.

    Attributes:
      steps: points on the path to each baseline. Cost is that of IntegratedGradients, and ranking the masks.
      baseline: of IntegratedGradients.
      masks: bool [masks, H, W] for all examples or [B, masks, H, W], in the structure of the inputs; None are
        Felzenszwalb's, about two seconds an image.
      from_whole: True ranks masks once, by the mean of the whole mask, as "fast" in PAIR saliency.
      reduce: "sum" of a pixel's channels, or "max", their largest, as in PAIR saliency: then sums are not kept.
      least: share of the image that a mask must add; 0.001 is 50 of 224 x 224 pixels.
    """

    steps: int = 16
    baseline: Any = "auto"
    masks: Any = None
    from_whole: bool = False
    reduce: str = "sum"
    least: float = 0.001

    name: ClassVar[str] = "xrai"
    error_kind: ClassVar[str] = "gap"
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self._integrated()
        check_flag("from_whole", self.from_whole)
        check_choice("reduce", self.reduce, REDUCTIONS)
        if not (is_number(self.least) and 0 <= self.least < 1):
            raise ValueError(f"least must be a share of the image, at least 0 and below 1; got {self.least!r}")

    @property
    def additive(self) -> bool:
        return self.reduce == "sum"

    @property
    def signed(self) -> bool:
        return True

    @property
    def shares(self) -> Hashable:
        return self._integrated().shares

    def cost(self) -> int:
        return self._integrated().cost()

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        images.check(self.name, inputs, model.takes_ids(inputs))
        if self.masks is None:
            raise ValueError(
                "masks is None: tba.explain and the callback make them; a direct call needs XRAI(masks=...), True or "
                "False, [masks, height, width]"
            )
        masks = overlapping.resolve(self.masks, inputs)
        found = self._integrated()(model, inputs)
        return found._replace(scores=tf.nest.map_structure(self._ranked, found.scores, masks.cells, masks.members))

    def _integrated(self) -> IntegratedGradients:
        return IntegratedGradients(steps=self.steps, baseline=self.baseline)

    def _ranked(self, scores: tf.Tensor, cells: tf.Tensor, members: tf.Tensor) -> tf.Tensor:
        pixels = tf.reduce_sum(scores, -1) if self.reduce == "sum" else tf.reduce_max(scores, -1)
        density = ranking.densities(pixels, cells, members, least=self.least, from_whole=self.from_whole)
        # A pixel's value is shared by its channels.
        return tf.repeat(density[..., None], scores.shape[-1], -1) / scores.shape[-1]
