"""Makes a method concrete for one probe: what was left open is decided once, before any chunk or step."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods import baselines, grids, perturbations, rows_of_players, segmentation, windows
from tb_attribution_plugin.methods.arguments import is_number
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.network import Network
from tb_attribution_plugin.methods.rows import Structure


def resolved(
    method: Any,
    network: Network | Model,
    inputs: Structure,
    background: Structure | None = None,
    segments: Structure | None = None,
    categories: Structure | None = None,
) -> Any:
    """The same method with all fields decided that the probe decides, those named below.

    Args:
      inputs: the whole probe's inputs, each [B, ...].
      background: the probe's background rows, or None.
      segments: the probe's segments, or None: every feature is one.
      categories: in the structure of the inputs, True where ids are columns of a table, whose 0 is no padding; None: of
        none.
    """
    if categories is None:
        categories = tf.nest.map_structure(lambda tensor: False, inputs)
    ids = _ids(network, inputs)
    texts = tf.nest.map_structure(lambda one, category: one and not category, ids, categories)
    names = {field.name for field in dataclasses.fields(method)}
    changes: dict[str, Any] = {}
    if "baseline" in names:
        takes_ids = network.takes_ids(inputs)
        changes["baseline"] = baselines.resolve(method.baseline, inputs, background, takes_ids, categories)
    if "background" in names:
        given = background if method.background is None else method.background
        changes["background"] = _rows(given, network, inputs, texts if "segments" in names else None)
    for name in ("baseline", "background") if hasattr(method, "rules") else ():
        if name in changes:
            _check_differs(name, changes[name], inputs)
    for name in ("baseline", "background"):
        if name in changes and baselines.OWN_ROWS in repr(changes[name]):
            _check_moves(name, changes[name], inputs)
    if "perturbation" in names:
        found = changes["perturbation"] = perturbations.resolve(
            method.perturbation, inputs, background, (ids, categories), (method.segments, segments)
        )
        if not isinstance(found, perturbations.OnOff):
            names.remove("segments")  # every column is perturbed by itself
    if "segments" in names and not isinstance(method.segments, segmentation.Segments):
        spec = segments if method.segments is None else method.segments
        changes["segments"] = segmentation.resolve(spec, *_switched(network, inputs, ids, texts))
        if getattr(method, "by_position", False):
            changes["segments"] = rows_of_players.in_a_row(changes["segments"])
    if "window" in names and not isinstance(method.window, windows.Windows):
        changes["window"] = windows.resolve(method.window, method.stride, network.features(inputs))
    if "grid" in names:
        changes["grid"] = grids.resolve(method.grid, network.features(inputs))
    if "layer" in names:
        layer = changes["layer"] = network.layer(method.layer)
        if "channels" in names:
            all_of_it = network.shape(layer)[-1]
            changes["channels"] = all_of_it if method.channels is None else min(method.channels, all_of_it)
    # A method that is resolved stays itself: targets share what it evaluates by it.
    changes = {name: value for name, value in changes.items() if value is not getattr(method, name)}
    return dataclasses.replace(method, **changes) if changes else method


def _rows(given: Any, network: Network | Model, inputs: Structure, texts: Structure | None) -> baselines.Points:
    """The points of a background.

    Args:
      texts: in the structure of the inputs, True where padding stands for it if nothing is given: a word of another
        text in place of a word is no absent word. None for methods that take rows only.
    """
    ids = network.takes_ids(inputs)
    if isinstance(given, baselines.Points):
        return given
    if texts is not None and (given is None or _is_baseline(given)):
        own = ["auto" if text else baselines.Rows() for text in tf.nest.flatten(texts)]
        return baselines.resolve(tf.nest.pack_sequence_as(inputs, own) if given is None else given, inputs, None, ids)
    return baselines.resolve(baselines.Rows(), inputs, given, ids)


def _check_differs(name: str, points: baselines.Points, inputs: Structure) -> None:
    """A difference of nothing has no explanation."""
    same = np.flatnonzero(~_moved(points, inputs))
    if same.size:
        raise ValueError(
            f"{name}: all of it equals example {same[0]}, so that there is no difference to explain; give rows or "
            f"values that differ from the inputs ({name}=..., or Probe(background=...))"
        )


def _check_moves(name: str, points: baselines.Points, inputs: Structure) -> None:
    """One example, or copies of one, as their own background: all scores would be 0."""
    if not _moved(points, inputs).any():
        raise ValueError(
            f"{name}: none is given, which takes the inputs' own rows, and every example equals all of them: there is "
            f"no difference to explain; give rows or values that differ ({name}=..., or Probe(background=...))"
        )


def _moved(points: baselines.Points, inputs: Structure) -> NDArray[np.bool_]:
    """Examples that differ from a point, [B]; True where points are values at an embedding, and in a graph."""
    pairs = list(zip(tf.nest.flatten(points.arrays), tf.nest.flatten(inputs), strict=True))
    if any(array.shape[2:] != tensor.shape[1:] or tensor.dtype == tf.string for array, tensor in pairs):
        return np.array([True])
    if any(not hasattr(tensor, "numpy") for tensor in tf.nest.flatten(inputs)):
        return np.array([True])
    moved = [
        np.not_equal(array, tensor).reshape(array.shape[0], tensor.shape[0], -1).any((0, 2)) for array, tensor in pairs
    ]
    found: NDArray[np.bool_] = np.any(moved, 0)
    return found


def _is_baseline(given: Any) -> bool:
    return isinstance(given, str) or dataclasses.is_dataclass(given) or is_number(given)


def _ids(network: Network | Model, inputs: Structure) -> Structure:
    """True where an input is token ids, categories or strings."""
    return tf.nest.map_structure(
        lambda tensor, ids: ids or tensor.dtype == tf.string, inputs, network.takes_ids(inputs)
    )


def _switched(
    network: Network | Model, inputs: Structure, ids: Structure, texts: Structure
) -> tuple[Structure, Structure]:
    """The features, and where a text is padding: there is nothing to switch.

    A vector of an embedding is switched as a whole, whatever its place is.
    """
    features = network.features(inputs)
    if not any(tf.nest.flatten(ids)):
        return features, tf.nest.map_structure(lambda one: None, ids)
    padding = baselines.resolve("auto", inputs, None, network.takes_ids(inputs))
    empty = network.features(tf.nest.map_structure(lambda points: points[:, 0], padding.arrays))

    def absent(feature: tf.Tensor, nothing: tf.Tensor, of_ids: bool, text: bool) -> Any:
        if not of_ids:
            return None
        if not text or np.prod(feature.shape[1:-1]) <= 1:  # one place is of a category, and 0 one as others are
            return np.zeros((1, *feature.shape[1:-1]), bool)
        return _at_ends(np.all(feature.numpy() == nothing[:1].numpy(), -1))

    return features, tf.nest.map_structure(absent, features, empty, ids, texts)


def _at_ends(empty: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[B, T], True where an end of the row is as empty as here: within a text, id 0 is a token."""
    backward = empty[:, ::-1]
    found: NDArray[np.bool_] = np.logical_and.accumulate(empty, 1) | np.logical_and.accumulate(backward, 1)[:, ::-1]
    return found
