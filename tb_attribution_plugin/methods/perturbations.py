"""What LIME changes about an input: switches of segments, or the values of a table's columns."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods import baselines, column_laws
from tb_attribution_plugin.methods.column_laws import Law
from tb_attribution_plugin.methods.rows import Structure

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class OnOff:
    """Each segment is there or absent, with even chances.

    Attributes:
      baseline: what absent features are, as in Integrated Gradients.
    """

    baseline: Any = "auto"


@dataclasses.dataclass(frozen=True, eq=False)
class Gaussian:
    """Every column of a table has a normal value; what is explained is the value itself.

    Attributes:
      mean, scale: of each column, in the structure of the inputs; None takes them from the background, a constant
        column having scale 1.
    """

    mean: Any = None
    scale: Any = None


@dataclasses.dataclass(frozen=True, eq=False)
class Bins:
    """Every column of a table is in one of four bins, between its quartiles; what is explained is being in one's own.

    A bin is as frequent as in the rows, and a value in it normal with the mean and the deviation of the rows there,
    inside the bin. As lime's default for tables.

    Attributes:
      train: rows [K, columns] in the structure of the inputs; None takes the background.
    """

    train: Any = None


def resolve(
    spec: Any,
    inputs: Structure,
    background: Structure | None,
    ids: tuple[Structure, Structure],
    segments: tuple[Any, Any],
) -> OnOff | Law:
    """Args:
      spec: one of the classes here; None decides.
      background: the probe's rows, or None: the inputs themselves.
      ids: in the structure of the inputs, True for token ids and categories; and where they are categories of a table.
      segments: the method's own, and those of the probe.

    Raises:
      ValueError: names what does not fit, and what does.
    """
    if isinstance(spec, Law):
        return spec
    if spec is None:
        by_column = segments[0] is None and _is_table(inputs, ids[0]) and _each_by_itself(segments[1], inputs)
        spec = Gaussian() if by_column else OnOff()
    if isinstance(spec, OnOff):
        if isinstance(spec.baseline, baselines.Points):
            return spec
        return OnOff(baselines.resolve(spec.baseline, inputs, background, *ids))
    if not isinstance(spec, Gaussian | Bins):
        raise ValueError(
            f"perturbation must be tba.perturbations.OnOff(), Gaussian() or Bins(), an instance, or None; got {spec!r}"
        )
    name = type(spec).__name__
    if not _is_table(inputs, ids[0]):
        shapes = [f"{one.dtype.name}{list(one.shape)}" for one in tf.nest.flatten(inputs)]
        raise ValueError(
            f"{name} changes the values of columns, and the inputs are no table of floats [B, columns]: "
            f"{', '.join(shapes)}; use OnOff() for images, texts and series"
        )
    if segments[0] is not None:
        raise ValueError(f"{name} changes every column by itself; leave segments out, or use OnOff() to switch them")
    rows, title = (inputs, baselines.OWN_ROWS) if background is None else (background, "background rows")
    if isinstance(spec, Bins):
        given = spec.train is not None
        train = _table(spec.train if given else rows, "train" if given else "background", inputs)
        return column_laws.binned(train, f"quartiles of {len(train)} {'given rows' if given else title}")
    needed = spec.mean is None or spec.scale is None
    table = _table(rows, "background", inputs) if needed else np.ones((1, 1))
    deviations = table.std(0)
    mean = table.mean(0) if spec.mean is None else _columns(spec.mean, "mean", inputs)
    scale = np.where(deviations > 0, deviations, 1) if spec.scale is None else _columns(spec.scale, "scale", inputs)
    if not (scale > 0).all():
        column = int(np.argmin(scale))
        raise ValueError(f"scale must be above 0, and is {scale[column]:g} in column {column}; give constant columns 1")
    return column_laws.Normal(mean, scale, f"mean and scale of {len(table)} {title}" if needed else "given")


def _is_table(inputs: Structure, ids: Structure) -> bool:
    pairs = zip(tf.nest.flatten(inputs), tf.nest.flatten(ids), strict=True)
    return all(one.dtype.is_floating and one.shape.rank == 2 and not is_ids for one, is_ids in pairs)


def _each_by_itself(segments: Any, inputs: Structure) -> bool:
    """Whether these segments of a table, the same for all examples, put no two columns together."""
    if segments is None:
        return True
    found = np.concatenate([np.asarray(ids).ravel() for ids in tf.nest.flatten(segments)])
    columns = sum(one.shape[1] for one in tf.nest.flatten(inputs))
    return bool(len(found) == len(np.unique(found)) == columns and found.min() >= 0)


def _table(given: Structure, name: str, inputs: Structure) -> Floats:
    """[K, columns] of all inputs."""
    parts, widths = _parts(given, inputs)
    shapes = [one.shape for one in parts]
    count = shapes[0][0] if shapes[0] else 0
    numbers = all(one.dtype.kind in "fiu" for one in parts)
    if not numbers or not count or shapes != [(count, width) for width in widths]:
        needed = " and ".join(f"[K, {width}]" for width in widths)
        raise ValueError(f"{name} must be rows of numbers {needed}, at least one; got shapes {shapes}")
    return _finite(np.concatenate(parts, 1), name)


def _columns(given: Structure, name: str, inputs: Structure) -> Floats:
    """One number per column, or one for all columns of an input, as [columns] of all inputs."""
    parts, widths = _parts(given, inputs)
    fit = len(parts) == len(widths) and all(one.dtype.kind in "fiu" for one in parts)
    if not fit or any(one.shape not in ((), (width,)) for one, width in zip(parts, widths, strict=True)):
        raise ValueError(
            f"{name} must be one number per column, {' and '.join(f'[{width}]' for width in widths)}; got "
            f"{[f'{one.dtype.name}{list(one.shape)}' for one in parts]}"
        )
    return _finite(np.concatenate([np.broadcast_to(*pair) for pair in zip(parts, widths, strict=True)]), name)


def _parts(given: Structure, inputs: Structure) -> tuple[list[NDArray[Any]], list[int]]:
    """Arrays of each input, and its columns."""
    widths = [one.shape[1] for one in tf.nest.flatten(inputs)]
    several = tf.nest.is_nested(inputs) and tf.nest.is_nested(given)
    return [np.asarray(one) for one in (tf.nest.flatten(given) if several else [given])], widths


def _finite(values: NDArray[Any], name: str) -> Floats:
    if not np.isfinite(values).all():
        column = int(np.argmin(np.isfinite(values).reshape(-1, values.shape[-1]).all(0)))
        raise ValueError(f"{name} holds values that are not finite, in column {column}; leave these rows out")
    return values.astype(np.float64)
