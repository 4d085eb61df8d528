"""What is shown beside the inputs or replaces them on screen: display, tokens, background, segments."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from tb_attribution_plugin.probe.arrays import Array, check_finite, frozen, text, to_array
from tb_attribution_plugin.probe.inputs import flatten

Arrays = tuple[Array, ...]
Rows = tuple[tuple[str, ...], ...]


def check_display(display: Any, shown: Array, modality: str) -> Array | None:
    """Original pixels [B, H, W] or [B, H, W, 1 | 3 | 4] of images, or values in the shape of other inputs."""
    if display is None:
        return None
    if modality == "text":
        raise ValueError("display is for pixels and numbers; for text give tokens=")
    array = to_array(display, "display")
    if array.dtype.kind == "U":
        raise TypeError("display holds strings; it replaces the inputs on screen and holds numbers")
    if modality == "image":
        allowed = [shown.shape[:3]] + [(*shown.shape[:3], channels) for channels in (1, 3, 4)]
        form = f"{list(shown.shape[:3])}, with 1, 3 or 4 channels or none"
    else:
        allowed, form = [shown.shape], f"{list(shown.shape)}"
    if array.shape not in allowed:
        raise ValueError(
            f"display of shape {list(array.shape)} must be {form}: the same examples as inputs on the same grid"
        )
    check_finite(array, "display", "replace them before building the probe")
    return array


def check_background(background: Any, names: tuple[str, ...], inputs: Arrays, *, missing: bool) -> Arrays:
    """Rows [N, ...] that "feature absent" is drawn from, one array per input; () for none.

    Args:
      missing: whether NaN may stand for a value that is missing.
    """
    if background is None:
        return ()
    given, arrays = flatten(background, "background")
    arrays = _in_order(given, arrays, names, "background")
    rows = len(arrays[0]) if arrays[0].ndim else 0
    for name, row, array in zip(names, arrays, inputs, strict=True):
        what = f"background[{name!r}]" if name else "background"
        if row.ndim == 0 or len(row) == 0 or len(row) != rows or row.shape[1:] != array.shape[1:]:
            raise ValueError(
                f"{what} of shape {list(row.shape)} must be [N, {', '.join(map(str, array.shape[1:]))}] with N >= 1 "
                "rows, the same N for every input"
            )
        check_finite(row, what, "drop these rows", missing=missing)
    return arrays


def check_segments(segments: Any, names: tuple[str, ...], inputs: Arrays) -> Arrays:
    """Segment ids [B or 1, ...] per input, int32, each axis of the input's size or 1; () for none.

    -1 is no segment. Raw strings have ids [B, T], one for each token that the model cuts them into.
    """
    if segments is None:
        return ()
    given, arrays = flatten(segments, "segments")
    checked = []
    for name, ids, array in zip(names, _in_order(given, arrays, names, "segments"), inputs, strict=True):
        what = f"segments[{name!r}]" if name else "segments"
        if ids.dtype.kind not in "iu":
            raise TypeError(f"{what} has dtype {ids.dtype}; segment ids are integers")
        is_raw = array.dtype.kind == "U" and array[0].size == 1
        full = ids[..., None] if ids.ndim == array.ndim - 1 and not is_raw else ids
        shape = (len(array), *(ids.shape[1:2] or (1,))) if is_raw else array.shape
        if full.ndim != len(shape) or any(i not in (1, a) for i, a in zip(full.shape, shape, strict=True)):
            rule = "[B, tokens]" if is_raw else f"the input's {list(array.shape)}"
            raise ValueError(
                f"{what} of shape {list(ids.shape)} does not broadcast to {rule}; every axis "
                "is 1 or the input's (the channel axis may be left out)"
            )
        if ids.size and ids.min() < -1:
            raise ValueError(f"{what} holds the id {int(ids.min())}; ids are >= 0, or -1 for what is in no segment")
        checked.append(frozen(full.astype(np.int32)))
    without = [all((ids[i % len(ids)] < 0).all() for ids in checked) for i in range(len(inputs[0]))]
    if any(without):
        raise ValueError(f"segments of example {without.index(True)} are all -1, so that nothing of it is in a segment")
    return tuple(checked)


def check_tokens(tokens: Any, shown: Array, modality: str) -> Rows:
    """Strings per token of every example, or of the values of a table; () where the probe is neither or has none.

    `tokens` is a list of B lists, a decoder (ids of one example -> list of strings), or a tokenizer whose `id_to_token`
    gives the string of one id, as those of KerasHub. Rows that are shorter than
    the ids are filled up with "" (padding). Without it, ids are shown as numbers and strings as they are.
    """
    if modality == "tabular" and tokens is not None:
        words = tuple(tuple(map(text, row)) for row in tokens)
        if [len(row) for row in words] != [shown.shape[1]] * len(shown):
            raise ValueError(
                f"tokens of a table must be {len(shown)} lists of {shown.shape[1]} strings: the words of each value, "
                '"" where it is a number'
            )
        return words
    if modality != "text":
        if tokens is not None:
            raise ValueError(
                f"tokens are for text and tables, but the modality is {modality!r}; give modality='text' or drop them"
            )
        return ()
    if tokens is None:
        return tuple(tuple(map(text, np.atleast_1d(row).tolist())) for row in shown)
    if hasattr(tokens, "id_to_token"):
        tokens = functools.partial(_strings, tokens)
    if callable(tokens):
        rows = [_decode(tokens, row, example) for example, row in enumerate(shown)]
    else:
        if isinstance(tokens, str) or any(isinstance(row, str) for row in tokens):
            raise TypeError("tokens must be a list of B lists of strings, or a decoder: ids -> list of strings")
        rows = [[str(token) for token in row] for row in tokens]
    if len(rows) != len(shown):
        raise ValueError(f"tokens has {len(rows)} rows, but inputs holds {len(shown)} examples")
    if shown.ndim == 1:  # whole strings: the model cuts them itself, any number of tokens may be right
        return tuple(tuple(map(text, row)) for row in rows)
    length = shown.shape[1]
    for example, row in enumerate(rows):
        if len(row) > length:
            raise ValueError(f"tokens of example {example} are {len(row)}, but inputs has {length} positions")
        ids = shown[example]
        if len(row) < length and ids.dtype.kind in "iu" and ids[0] == 0 != ids[-1]:
            raise ValueError(
                f"tokens of example {example} are {len(row)} for {length} positions whose padding (id 0) comes first, "
                'so they would stand in the wrong places; give one token per position, "" for padding'
            )
    return tuple((*map(text, row), *[""] * (length - len(row))) for row in rows)


def _strings(tokenizer: Any, row: Array) -> list[str]:
    return [tokenizer.id_to_token(number) for number in row.tolist()]


def _decode(decoder: Callable[[Array], Any], row: Array, example: int) -> list[str]:
    try:
        result = decoder(row)
    except Exception as error:
        raise ValueError(f"tokens: the decoder failed on example {example} ({row!r}): {error}") from error
    if isinstance(result, str | bytes):
        raise TypeError(
            f"tokens: the decoder returned the string {result!r} for example {example}; it must return one string per "
            "token, as in lambda ids: [vocabulary[i] for i in ids]"
        )
    return [
        item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)
        for item in np.asarray(result).tolist()
    ]


def _in_order(given: tuple[str, ...], arrays: Arrays, names: tuple[str, ...], what: str) -> Arrays:
    if sorted(given) != sorted(names):
        raise ValueError(
            f"{what} has the inputs {list(given)}, but the probe has {list(names)}; give one array per input"
        )
    return tuple(arrays[given.index(name)] for name in names)
