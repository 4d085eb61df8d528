"""One series of maps, as a notebook reads it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.description import ERROR_KINDS
from tb_attribution_plugin.logging.read_probe import ReadProbe
from tb_attribution_plugin.logging.stored_series import Floats, StepMaps, StoredSeries
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import codec

_ERROR_NAMES = {number: name for name, number in ERROR_KINDS.items()}


class ReadSeries:
    """The maps of one method and target over the steps.

    Attributes:
      tag: "grad_cam", "deep_shap/dog".
      method: its class, "GradCAM".
      parameters: name -> value, as Python would write it.
      target: "label", "predicted", "dog" ...
      scalar: what is explained: "margin", "logit", "probability", "value" ...
      signed: False where scores are magnitudes.
      error_kind: what its residual is: "gap", "standard_error" ...; "none".
      steps: ascending.
    """

    def __init__(self, tag: str, stored: StoredSeries, probe_of: Callable[[str], ReadProbe | None]) -> None:
        about = stored.description
        self.tag = tag
        self.method = about.method
        self.parameters = {one.name: one.value for one in about.parameters}
        self.target = about.target
        self.scalar = about.scalar
        self.signed = about.signed
        self.error_kind = _ERROR_NAMES.get(about.error_kind, "none")
        self.steps = stored.steps
        self.stored = stored
        self._probe_of = probe_of

    @property
    def probe(self) -> ReadProbe | None:
        """What it explains; None where it was not stored."""
        return self._probe_of(self.stored.description.probe_hash)

    def __getitem__(self, step: int) -> Attribution:
        """The maps of a step, on the stored grid: scores [B, *grid], or {input's name: scores} of several inputs.

        Raises:
          KeyError: the step is not stored; says which are.
        """
        maps = self.stored.maps(step)
        row = self.stats(step)
        return Attribution(
            self._structure(dict(zip(self._inputs, maps.scores, strict=True))),
            row.get("STAT_RESIDUAL"),
            row.get("STAT_OUTPUT"),
            row.get("STAT_BASELINE_OUTPUT"),
            maps.segments,
            self._errors(maps),
            row.get("STAT_EVALUATIONS"),
        )

    def __iter__(self) -> Iterator[int]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def outputs(self) -> Floats:
        """The explained scalar, [steps, B]; NaN where it was not logged, as in all of these."""
        return self.column("output")

    @property
    def residuals(self) -> Floats:
        """The method's own error, [steps, B]."""
        return self.column("residual")

    @property
    def predictions(self) -> Floats:
        """The predicted class, or the predicted value, [steps, B]."""
        return self.column("prediction")

    @property
    def target_probabilities(self) -> Floats:
        """Of the explained class, [steps, B]."""
        return self.column("target_probability")

    def column(self, name: str) -> Floats:
        """A number of every map, [steps, B]: "output", "drift", "sum_abs", "p99" ... (`StatColumn` in the .proto).

        Raises:
          ValueError: no number has this name.
        """
        key = f"STAT_{name.upper()}"
        columns = pb.StatColumn.keys()[1:]
        if key not in columns:
            known = [one.removeprefix("STAT_").lower() for one in columns]
            raise ValueError(f"column {name!r} is not known; it is one of {known}")
        codec.check_shape(len(self.steps), [self.stored.description.examples])
        found = np.full((len(self.steps), self.stored.description.examples), np.nan, np.float32)
        for row, step in zip(found, self.steps, strict=True):
            row[:] = self.stats(step).get(key, np.nan)
        return found

    @functools.cached_property
    def _known_stats(self) -> dict[int, dict[str, Floats]]:
        return {}

    def stats(self, step: int) -> dict[str, Floats]:
        """The numbers of a step by `StatColumn`, [B] each; {} and a problem of the run where they cannot be read."""
        if step not in self._known_stats:
            try:
                self._known_stats[step] = self.stored.stats(step)
            except (KeyError, ValueError) as error:
                self.stored.report(step, f", its numbers: {error}")
                self._known_stats[step] = {}
        return self._known_stats[step]

    @property
    def _inputs(self) -> list[int]:
        """Indices of those that have a map."""
        return [at for at, grid in enumerate(self.stored.description.grids) if grid.shape]

    def _structure(self, arrays: Mapping[int, Floats]) -> Any:
        """By name, where there are several inputs; not all need have errors."""
        grids = self.stored.description.grids
        named = {grids[at].input: array for at, array in arrays.items()}
        return next(iter(named.values())) if len(self._inputs) == 1 else named

    def _errors(self, maps: StepMaps) -> Any:
        if not maps.errors:
            return None
        return next(iter(maps.errors.values())) if maps.segments is not None else self._structure(maps.errors)

    def __repr__(self) -> str:
        span = f"{len(self.steps)} steps {self.steps[0]} .. {self.steps[-1]}" if self.steps else "no step"
        grids = ", ".join("x".join(map(str, grid.shape)) for grid in self.stored.description.grids if grid.shape)
        named = f"{self.tag!r}: {self.method!r} of {self.target!r}"  # anybody's text, for a terminal
        return f"{named}, {self.stored.description.examples} maps of {grids}, {span}"
