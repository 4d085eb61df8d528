"""Pictures of attributions in memory: nothing was logged, so their arrays alone say what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tb_attribution_plugin.drawing import by_modality, ends, sheet
from tb_attribution_plugin.drawing.legend import Legend
from tb_attribution_plugin.drawing.numerals import numeral, percent
from tb_attribution_plugin.drawing.planes import plane
from tb_attribution_plugin.drawing.tile import Floats, Look, Map, condition, largest_first
from tb_attribution_plugin.probe.inputs import flatten
from tb_attribution_plugin.probe.modality import infer, resolve
from tb_attribution_plugin.probe.pictures import picture, value_range
from tb_attribution_plugin.wire.histogram import log_histogram

MOST = 16  # examples of a picture that nobody chose


class Named(NamedTuple):
    """Attributes:
    names: of columns or channels; of texts the tokens of each example.
    words: of a table's values, by example, "" for those that are numbers; () where there are none.
    """

    names: Sequence[Any]
    words: Sequence[Sequence[str]] = ()


class Explained(NamedTuple):
    """Scores of one input, and the input where it was given."""

    name: str
    scores: Floats
    inputs: NDArray[Any] | None
    modality: str


def plot(
    attribution: Any,
    inputs: Any = None,
    *,
    modality: str | None = None,
    names: Sequence[Any] = (),
    signed: bool = True,
    examples: Sequence[int] | None = None,
) -> Image.Image:
    """See `Attribution.plot`."""
    named = Named(names)
    if hasattr(inputs, "feature_names"):  # a probe
        named, modality, inputs = _of_probe(inputs, names), modality or inputs.modality or None, inputs.inputs
    parts = _explained(attribution.scores, inputs, modality)
    count = len(parts[0].scores)
    chosen = _chosen(examples, count)
    counts = ends.pooled(log_histogram(part.scores) for part in parts)
    scale = ends.scale(counts, signed=signed)
    look = Look(scale, "RdBu" if signed else "viridis")
    captions = [[f"#{example}", *_numbers(attribution, example)] for example in chosen]
    columns = _pictures(parts, chosen)
    for part in parts:
        columns.append(sheet.Column([part.name or "scores"], _cells(part, look, named, chosen, captions)))
        captions = [[]] * len(chosen)  # said once
    note = f"P99 of |score|, all examples, {percent(ends.clipped_share(counts, scale.vmax))} clipped"
    notes = [
        f"{note}; palette {look.colours}" if scale.known else "every score is zero or not finite: nothing to scale"
    ]
    if signed and scale.known and not any((part.scores < 0).any() for part in parts):
        notes.append("signed scale assumed: no score is below 0; signed=False draws magnitudes")
    rest = [f"{len(chosen)} of {count} examples"] if len(chosen) < count else []
    return sheet.draw("", rest, columns, [Legend("scores", scale, look.colours, "", notes)])


def _of_probe(probe: Any, names: Sequence[Any]) -> Named:
    """Names that nobody gave are the probe's own."""
    own = probe.tokens if probe.modality == "text" else probe.feature_names or ()
    return Named(names if len(names) else own, probe.tokens if probe.modality == "tabular" else ())


def _explained(scores: Any, inputs: Any, modality: str | None) -> list[Explained]:
    names, arrays = flatten(scores, "scores")
    given_names, given = flatten(inputs) if inputs is not None else ((), ())
    if not given:
        shown: list[Any] = [None] * len(arrays)
    elif len(given) == len(arrays):
        shown = [dict(zip(given_names, given, strict=True)).get(n, given[i]) for i, n in enumerate(names)]
    else:
        shown = [given[resolve(given_names, given, None)[1]], *[None] * (len(arrays) - 1)]
    for name, array, below in zip(names, arrays, shown, strict=True):
        if array.ndim < 2 or (below is not None and len(below) != len(array)):
            other = "" if below is None else f", inputs {list(below.shape)}"
            raise ValueError(f"scores {name!r} have shape {list(array.shape)}{other}; both begin with the examples")
    kinds = [_modality(array, below, modality) for array, below in zip(arrays, shown, strict=True)]
    return [
        Explained(name, _as_drawn(array.astype(np.float32), kind), below, kind)
        for name, array, below, kind in zip(names, arrays, shown, kinds, strict=True)
    ]


def _as_drawn(scores: Floats, modality: str) -> Floats:
    """Channels of pictures are summed; where all have the score of their place (occlusion, masks), that is drawn."""
    if modality != "image" or scores.ndim != 4 or not scores.shape[-1]:
        return scores
    first = scores[..., 0]
    alike = np.array_equal(scores, np.broadcast_to(first[..., None], scores.shape), equal_nan=True)
    return first if alike else np.stack([plane(one) for one in scores])


def _modality(scores: NDArray[Any], inputs: NDArray[Any] | None, asked: str | None) -> str:
    if asked is not None:
        if asked not in by_modality.DRAWINGS:
            raise ValueError(f"modality {asked!r} is not known; it is one of {list(by_modality.DRAWINGS)}")
        return asked
    found = None if inputs is None else infer(inputs)
    # Of scores alone: what has rows and columns is drawn so.
    return found[0] if found is not None else "tabular" if scores.ndim == 2 else "image"


def _chosen(examples: Sequence[int] | None, count: int) -> list[int]:
    if examples is None:
        return list(range(min(count, MOST)))
    if not len(examples) or not all(0 <= one < count for one in examples):
        raise ValueError(f"examples are {list(examples)}; give indices from 0 to {count - 1}")
    return [int(one) for one in examples]


def _pictures(parts: Sequence[Explained], chosen: Sequence[int]) -> list[sheet.Column]:
    """A column of each input that is a picture, as it is."""
    found = []
    for part in parts:
        if part.modality == "image" and part.inputs is not None:
            shown = [by_modality.original(picture(part.inputs[i], *value_range(part.inputs))) for i in chosen]
            found.append(sheet.Column([f"{part.name} input".strip()], [sheet.Cell(one) for one in shown]))
    return found


def _cells(
    part: Explained, look: Look, named: Named, chosen: Sequence[int], captions: Sequence[Sequence[str]]
) -> list[sheet.Cell]:
    if part.modality == "tabular":
        look = look._replace(order=largest_first(part.scores))
    maps = [_map(part, named, example) for example in chosen]
    return [
        sheet.Cell(by_modality.draw(part.modality, one, look), lines, condition(one.values, relu=False))
        for one, lines in zip(maps, captions, strict=True)
    ]


def _map(part: Explained, named: Named, example: int) -> Map:
    values = part.scores[example]
    if part.modality == "text" and values.ndim > 1:
        values = values.reshape(len(values), -1).sum(axis=1)
    if part.inputs is None:
        return Map(values, values.shape, names=_names(part, named.names, example))
    shape = part.inputs.shape[1:]
    if part.modality == "image":
        return Map(values, shape, picture=picture(part.inputs[example], *value_range(part.inputs)))
    numbers = None if part.modality == "text" else part.inputs[example].astype(np.float32)
    words = [str(word) for word in named.words[example]] if len(named.words) else ()
    return Map(values, shape, inputs=numbers, words=words, names=_names(part, named.names, example))


def _names(part: Explained, names: Sequence[Any], example: int) -> list[str]:
    if part.modality == "text" and len(names):
        return [str(token) for token in names[example]]
    if part.modality == "text" and part.inputs is not None and part.inputs.ndim == 2:
        return [str(token) for token in part.inputs[example]]
    return [str(name) for name in names]


def _numbers(attribution: Any, example: int) -> list[str]:
    """The explained scalar and the method's own error, where it has them."""
    found = []
    for words, values in (("f(x)", attribution.outputs), ("residual", attribution.residual)):
        if values is not None:
            number = float(np.ravel(np.asarray(values, np.float64))[example if np.ndim(values) else 0])
            found += [f"{words} {numeral(number)}"] if number == number else []
    return found
