"""Which of a model's inputs a probe's kind, pictures, names and tokens are of: the log does not say it."""

from __future__ import annotations

from tb_attribution_plugin.logging.read_probe import ReadProbe
from tb_attribution_plugin.logging.read_series import ReadSeries

# Axes of an input of each kind; those with channels are tried first, which tell an image from a series.
_AXES = {"image": ((3,), (2,)), "time_series": ((2,), (1,)), "tabular": ((1,),), "text": ((0, 1),)}


def shown_input(series: ReadSeries) -> int | None:
    """Its index: the only one that has a map, or that fits; None where several might be meant."""
    grids, probe = series.stored.description.grids, series.probe
    mapped = [at for at, grid in enumerate(grids) if grid.shape]
    if probe is None or len(mapped) < 2:
        return mapped[0] if mapped else None
    shapes = [tuple(grid.input_shape) for grid in grids]
    for axes in _AXES.get(probe.modality, ()):
        found = [at for at, shape in enumerate(shapes) if len(shape) in axes and _fits(probe, at, shape)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def kind_of(axes: int) -> str:
    """How the maps of an input with so many axes are drawn, of which nothing else is known."""
    return {2: "time_series", 3: "image"}.get(axes, "tabular")


def _fits(probe: ReadProbe, index: int, shape: tuple[int, ...]) -> bool:
    if probe.modality == "image":
        picture = probe.picture(0)
        return picture is None or shape[:2] == (picture.height, picture.width)
    if probe.modality == "text":
        return _is_text(probe, index, shape)
    if probe.feature_names:
        return len(probe.feature_names) == (shape[-1] if probe.modality == "tabular" or len(shape) > 1 else 1)
    return not probe.tokens or len(probe.tokens[0]) == shape[0]


def _is_text(probe: ReadProbe, index: int, shape: tuple[int, ...]) -> bool:
    """Strings have no numbers; ids are whole ones, as many as tokens."""
    ids = probe.values(0, index)
    if ids is None:
        return True
    return bool(shape) and (ids == ids.round()).all() and all(len(row) == shape[0] for row in probe.tokens)
