"""The Probe: inputs, and everything that is needed to explain and to show them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from tb_attribution_plugin.probe import dataset, file
from tb_attribution_plugin.probe.arrays import Array, read_only
from tb_attribution_plugin.probe.companions import check_background, check_display, check_segments, check_tokens
from tb_attribution_plugin.probe.digest import digest
from tb_attribution_plugin.probe.inputs import check_values, like, rows
from tb_attribution_plugin.probe.labels import check_class_names, check_feature_names, check_labels, check_names
from tb_attribution_plugin.probe.modality import GIVEN, grid_of, infer, resolve
from tb_attribution_plugin.probe.regions import check_regions


@dataclasses.dataclass(frozen=True, init=False, eq=False, repr=False)
class Probe:
    """A fixed batch of inputs that is explained at every logged step. Immutable; arrays are read-only copies.

    Attributes:
      inputs: array, dict or list of arrays, as the model takes them; first axis is the example. float64 becomes
        float32. NaN in a table is a missing value, as trees take them.
      labels: int64 [B] class indices (one-hot rows and class names are converted), float64 [B] values, [B, C] where
        rows are neither, None without labels.
      names: B names of the examples; "#0", "#1" ... unless given.
      class_names: names of the model's classes, () unless given.
      feature_names: columns of a tabular input, channels of a time series; () unless given.
      modality: "image", "tabular", "text" or "time_series", of the input that is shown.
      modality_reason: why, in words.
      regions: name -> bool mask [B, *grid], grid being [H, W] of an image, else [F] or [T].
      background: rows [N, ...] in the structure of the inputs, or None.
      display: what is shown instead of the inputs, or None.
      tokens: B rows of strings for text; for a table the words of its values, "" for numbers; else ().
      segments: int32 ids in the structure of the inputs, axes of size 1 broadcast, -1 for what is in no segment; [B, T]
        for raw strings. Or None.
      store_inputs: False keeps inputs, display, tokens and segments out of every log.
      selection: how `from_dataset` chose the examples, in words; "" otherwise.
      input_names: names of the inputs; ("",) for one array.
      arrays: the inputs as a tuple, in the order of `input_names`.
      shown: index of the input that `modality`, regions, tokens and display belong to.
      hash: 16 hex digits over everything above.
    """

    inputs: Any
    labels: Array | None
    names: tuple[str, ...]
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    modality: str
    modality_reason: str
    regions: Mapping[str, Array]
    background: Any
    display: Array | None
    tokens: tuple[tuple[str, ...], ...]
    segments: Any
    store_inputs: bool
    selection: str
    input_names: tuple[str, ...]
    arrays: tuple[Array, ...]
    shown: int
    hash: str

    def __init__(
        self,
        inputs: Any,
        labels: Any = None,
        *,
        names: Any = None,
        class_names: Any = None,
        feature_names: Any = None,
        modality: str | None = None,
        regions: Any = None,
        background: Any = None,
        display: Any = None,
        tokens: Any = None,
        segments: Any = None,
        store_inputs: bool = True,
    ) -> None:
        """Copies and checks everything at once.

        Args:
          inputs: array, tensor, or dict/list of them for a model with several inputs; first axis is the example.
          labels: [B] classes, one-hot [B, C], names of classes, or values of a regression.
          regions: name -> boolean mask [B, H, W], boxes [B, 4] as (y0, x0, y1, x1) in pixels, or lists of columns or
            tokens; see `probe.regions`.
          modality: None infers it. Integers [B, F] read as token ids, whose 0 at either end is padding; say "tabular"
            for columns of categories, or give a background: what rows replace has a score, unless the model masks it.
          background: rows that "feature absent" is drawn from, in the structure of the inputs.
          display: original pixels [B, H, W, 1 | 3 | 4] when the inputs are preprocessed.
          tokens: B lists of strings, a decoder (ids -> list of strings), or a tokenizer with `id_to_token`. Of a table:
            B lists of the words of its values, such as names of categories, "" for what is shown as a number.
          segments: ids of the groups that are switched together, broadcastable to the inputs, as `tba.segments` makes
            them. What has the id -1 is in no group: it always stays as it is. Of raw strings, [B, T]: one id for each
            token that the model cuts them into.
          store_inputs: False for private data: only maps and numbers are logged.

        Raises:
          ValueError, TypeError: what is wrong, with the value and the fix.
        """
        if not isinstance(store_inputs, bool):
            raise TypeError(f"store_inputs must be True or False; got {store_inputs!r}")
        input_names, held = rows(inputs)
        size = len(held[0])
        kind, shown, reason = resolve(input_names, held, modality)
        table = kind == "tabular"
        check_values(input_names, held, missing=table)
        main = held[shown]
        classes = check_class_names(class_names)
        features = check_feature_names(feature_names, main, kind)
        token_rows = check_tokens(tokens, main, kind)
        background_rows = check_background(background, input_names, held, missing=table)
        ids = check_segments(segments, input_names, held)
        masks = check_regions(
            regions, size=size, grid=grid_of(main, kind), modality=kind, feature_names=features, tokens=token_rows
        )
        self._set(
            inputs=like(inputs, held),
            labels=check_labels(labels, size, classes),
            names=check_names(names, "names", size) or tuple(f"#{index}" for index in range(size)),
            class_names=classes,
            feature_names=features,
            modality=kind,
            modality_reason=reason,
            regions=MappingProxyType(masks),
            background=like(inputs, background_rows) if background_rows else None,
            display=check_display(display, main, kind),
            tokens=token_rows,
            segments=like(inputs, ids) if ids else None,
            store_inputs=store_inputs,
            selection="",
            input_names=input_names,
            arrays=held,
            shown=shown,
        )
        self._set(hash=digest(self, background_rows, ids))

    @classmethod
    def wrap(cls, probe: Any) -> Probe:
        """The probe itself, or a new one from (x, y) or x."""
        if isinstance(probe, Probe):
            return probe
        if isinstance(probe, tuple):
            if len(probe) != 2:
                raise ValueError(
                    f"probe is a tuple of {len(probe)}; give a Probe, (x, y) or x "
                    "(several model inputs are a list or a dict)"
                )
            return cls(probe[0], probe[1])
        return cls(probe)

    @classmethod
    def from_dataset(
        cls, ds: Any, per_class: int = 2, seed: int = 0, *, class_names: Any = None, scan: int = 10_000
    ) -> Probe:
        """A probe with `per_class` examples of every class, ordered by class.

        Args:
          ds: a tf.data.Dataset of (x, y), batched or not, or arrays (x, y). `ds.class_names` is used where it exists.
          per_class: examples kept of every class.
          seed: which ones. The same data in the same order gives the same probe; a dataset that shuffles anew on every
            pass does not (and passing over it moves its shuffle on).
          class_names: names of the classes; the scan ends early once all of them are full.
          scan: examples looked at, at most, where the number of classes is not known (or one stays rare).

        The examples are held one pass, never more than those kept. `probe.selection` says what was done.
        """
        names = class_names if class_names is not None else getattr(ds, "class_names", None)
        chosen = dataset.select(ds, per_class, seed, check_class_names(names), scan)
        probe = cls(chosen.inputs, chosen.labels, class_names=names)
        probe._set(selection=chosen.words)
        return probe

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Probe:
        """The probe of an `.npz` file: of `save`, or of one's own with the keys `x`, `y` ... (see `probe.file`)."""
        return cls(**file.load(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes everything that `hash` is of into an `.npz` file."""
        file.save(self, path)

    @property
    def size(self) -> int:
        """Number of examples, B."""
        return len(self.arrays[0])

    @property
    def missing(self) -> bool:
        """Whether values of a table are missing (NaN)."""
        return any(array.dtype.kind == "f" and bool(np.isnan(array).any()) for array in self.arrays)

    @property
    def modalities(self) -> tuple[str, ...]:
        """Of each input: the probe's own for the one that is shown, else by its shape.

        Integers [B, F] are columns where a table is what the user gave: which input comes first decides nothing.
        """
        found = [(infer(array) or ("tabular",))[0] for array in self.arrays]
        if self.is_given("tabular"):
            columns = [array.ndim == 2 and array.dtype.kind in "iu" for array in self.arrays]
            found = ["tabular" if column else one for one, column in zip(found, columns, strict=True)]
        return tuple(self.modality if index == self.shown else one for index, one in enumerate(found))

    def is_given(self, modality: str) -> bool:
        """Whether the user said so, and it is not by shape."""
        return self.modality == modality and self.modality_reason == GIVEN

    def __copy__(self) -> Probe:
        return self

    def __deepcopy__(self, memo: Any) -> Probe:
        return self

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"regions": dict(self.regions)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Pickled arrays come back writable.
        state = {name: read_only(value) for name, value in state.items()}
        self._set(**state | {"regions": MappingProxyType(state["regions"])})

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        shapes = ", ".join(f"{a.dtype}{list(a.shape)}" for a in self.arrays)
        return f"Probe({self.size} examples, {self.modality}, {shapes}, hash={self.hash})"

    def _set(self, **fields: Any) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)
