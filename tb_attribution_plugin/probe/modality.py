"""What kind of thing an input is: by its shape and dtype, or as the user says."""

from __future__ import annotations

from tb_attribution_plugin.probe.arrays import Array

MODALITIES = ("image", "tabular", "text", "time_series")
GIVEN = "as given"
_FORMS = {
    "image": "[B, H, W, C] or [B, H, W]",
    "tabular": "[B, F]",
    "text": "integer [B, T] or strings [B]",
    "time_series": "[B, T, C] or [B, T]",
}


def infer(array: Array) -> tuple[str, str] | None:
    """(modality, why) of an input [B, ...]; None where its shape says nothing."""
    kind, rank, shape = array.dtype.kind, array.ndim, list(array.shape)
    if kind == "U":
        return ("text", f"strings of shape {shape} are text") if rank <= 2 else None
    if rank == 4:
        return "image", f"shape {shape} reads as [B, H, W, C]"
    if rank == 3 and kind in "iu":
        return "image", f"integers of shape {shape} read as [B, H, W]"
    if rank == 3:
        return "time_series", f"shape {shape} reads as [B, T, C]; for pictures without channels give modality='image'"
    if rank == 2 and kind in "iu":
        return "text", f"integers of shape {shape} read as token ids [B, T]; for columns give modality='tabular'"
    if rank == 2:
        return "tabular", f"shape {shape} reads as [B, F]"
    return None


def fits(array: Array, modality: str) -> bool:
    kind, rank = array.dtype.kind, array.ndim
    if kind == "U":
        return modality == "text" and rank in (1, 2)
    allowed = {"image": (3, 4), "tabular": (2,), "text": (2,), "time_series": (2, 3)}[modality]
    return rank in allowed and (modality != "text" or kind in "iu")


def resolve(names: tuple[str, ...], arrays: tuple[Array, ...], modality: str | None) -> tuple[str, int, str]:
    """(modality, index of the input it describes, why).

    With several inputs an image is shown where there is one, else the first that fits.
    """
    if modality is not None:
        if modality not in MODALITIES:
            raise ValueError(f"modality {modality!r} is not known; it is one of {list(MODALITIES)} or None to infer it")
        for index, array in enumerate(arrays):
            if fits(array, modality):
                return modality, index, GIVEN
        shapes = [f"{a.dtype} {list(a.shape)}" for a in arrays]
        raise ValueError(
            f"modality {modality!r} needs an input of the form {_FORMS[modality]}, but inputs are {', '.join(shapes)}; "
            "reshape the inputs or give another modality"
        )
    inferred = [(index, infer(array)) for index, array in enumerate(arrays)]
    known = [(index, *found) for index, found in inferred if found is not None]
    if known:
        index, kind, why = min(known, key=lambda one: one[1] != "image")
        return kind, index, f"input {names[index]!r}: {why}" if names[index] else why
    forms = "; ".join(f"{name}: {form}" for name, form in _FORMS.items())
    raise ValueError(
        f"no modality has inputs of {arrays[0].dtype} {list(arrays[0].shape)}; the first axis is the example "
        f"(one example is x[None], one column is x[:, None]) and the forms are: {forms}"
    )


def grid_of(array: Array, modality: str) -> tuple[int, ...]:
    """Shape that a region's mask has per example: [H, W] of an image, [F], [T]; () for strings."""
    if array.dtype.kind == "U":
        return tuple(array.shape[1:])
    return tuple(array.shape[1:3]) if modality == "image" else (int(array.shape[1]),)
