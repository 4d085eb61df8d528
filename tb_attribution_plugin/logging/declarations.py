"""What a writer is told before its first step, of series, baseline and segments, and each step checked against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.description import Traits
from tb_attribution_plugin.logging.map_records import MapRecords, Record
from tb_attribution_plugin.logging.run import Run
from tb_attribution_plugin.logging.series import per_example
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb


class Declarations:
    """The half of `AttributionWriter` that writes nothing."""

    probe: Probe
    _maps: MapRecords
    _run: Run
    _last_step: int | None

    def series(
        self,
        tag: str,
        *,
        method: str,
        signed: bool = True,
        target: str = "",
        scalar: str = "value",
        parameters: Mapping[str, Any] | None = None,
        class_sensitive: bool = True,
        weight_sensitive: bool = True,
        error_kind: str = "none",
        additive: bool = False,
        cam: bool = False,
        units: bool = False,
        at_layer: bool = False,
        correlated_errors: bool = False,
        per_place: bool = False,
        computed_with: Mapping[str, str] | None = None,
    ) -> None:
        """Declares a series, once, before its first step.

        Args:
          tag: its name on screen, "grad_cam" or "deep_shap/dog".
          method: name of the method.
          signed: False where every score is >= 0 by definition.
          target: what is explained, in words: "label", "cat - dog".
          scalar: in which unit: "margin", "logit", "probability", "value".
          parameters: the method's fields, shown as Python would write them.
          class_sensitive, weight_sensitive: whether the map depends on the class, and on the weights.
          error_kind: what `residual` means: none, gap, standard_error, one_minus_r2, absorbed, map_difference.
          additive: sums of scores over cells mean something.
          cam: a class activation map: the page offers to cut off what is below zero.
          units: scores are of units of a layer, [B, units, ...], which have no place in an input: they become bars.
          at_layer: scores are of a layer's output, [B, *grid, C]; the C of a series are summed, as they are not those
            of the input.
          correlated_errors: standard errors of neighbours and channels come from the same draws, so that the error of a
            sum is their sum; else it is the root of the sum of their squares.
          per_place: a score is of a place, and all channels there have it: one of them is stored, and the mean of a
            block. Else channels and blocks are summed.
          computed_with: packages and their versions; None: those that this process has loaded.
        """
        self._maps.declare(
            tag,
            Traits(at_layer, correlated_errors, per_place),
            method=method,
            signed=signed,
            target=target,
            scalar=scalar,
            parameters=parameters or {},
            class_sensitive=class_sensitive,
            weight_sensitive=weight_sensitive,
            error_kind=error_kind,
            additive=additive,
            cam=cam,
            units=units,
            per_place=per_place,
            computed_with=computed_with,
        )

    def follow(self, tag: str, stored: pb.MapSeries, cells: Any = None) -> None:
        """Makes a declared series go on with a stored one: it keeps that one's grids.

        Args:
          stored: metadata of the series as it is stored.
          cells: scores [B, cells] of the step that the first one of this writer drifts from, or None.

        Raises:
          ValueError: this writer's resolution or channels make other grids.
        """
        self._maps.follow(tag, stored, cells)

    def recall(self, step: int, attributions: Mapping[str, Any]) -> None:
        """The next step drifts from these maps, which an earlier writer has logged; nothing is written."""
        for record in self._maps.records(step, attributions, None, {}, {}, segments=self._run.segments):
            record.written()

    def describe_baseline(self, text: str, outputs: Any = None) -> None:
        """What "feature absent" means, in words, and the model's output there [B]; before the first write."""
        self._before_first_write("describe_baseline")
        values = [] if outputs is None else per_example(outputs, self.probe.size, "baseline outputs").tolist()
        self._run.baseline = (text, values)

    def describe_segments(self, segments: Any) -> None:
        """Segment ids that methods used although the probe names none, in the structure of the inputs."""
        self._before_first_write("describe_segments")
        self._run.segments = segments

    def _records(
        self,
        step: int,
        attributions: Mapping[str, Any],
        outputs: Any = None,
        targets: Mapping[str, Any] | None = None,
        seconds: Mapping[str, float] | None = None,
    ) -> list[Record]:
        """A step of `write`, checked; nothing is written."""
        if self._last_step is not None and step <= self._last_step:
            raise ValueError(
                f"step {step} follows step {self._last_step}; steps must ascend, because TensorBoard drops every later "
                "step of a series when an earlier one arrives. A fit that starts again needs a new writer"
            )
        if not isinstance(attributions, Mapping):
            raise TypeError(
                f"attributions must be {{tag: Attribution or array}}, such as {{'saliency': scores}}; got a "
                f"{type(attributions).__name__}"
            )
        new = [
            tag for tag, one in attributions.items() if isinstance(one, Attribution) and tag not in self._maps.declared
        ]
        try:
            for tag in new:
                self.series(tag, method=tag)
            return self._maps.records(
                step, attributions, outputs, targets or {}, seconds or {}, segments=self._run.segments
            )
        except BaseException:
            self._maps.withdraw(new)
            raise

    @property
    def declared(self) -> Mapping[str, pb.MapSeries]:
        """Metadata of the series by tag."""
        return self._maps.declared

    def _before_first_write(self, what: str) -> None:
        self._run.check_open()
        if self._run.probe_logged:
            raise ValueError(f"{what} must come before the first write: the probe is logged once, with it")
