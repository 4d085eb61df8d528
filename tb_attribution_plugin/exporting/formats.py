"""What a log can be exported as."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from tb_attribution_plugin.exporting import arrays, page, pictures
from tb_attribution_plugin.exporting.choice import Choice, Most

_ROWS = 8  # examples on a picture that nobody chose
_FRAMES = 100


class Format(NamedTuple):
    """
    Attributes:
      made: the file, in parts.
      most: what is exported of it where nobody chose.
    """

    made: Callable[[Choice], Iterable[bytes]]
    most: Most


FORMATS = {
    "npz": Format(arrays.npz, Most(None, None)),
    "csv": Format(arrays.csv, Most(None, None)),
    "png": Format(lambda choice: [pictures.png(choice)], Most(1, _ROWS)),
    "gif": Format(lambda choice: [pictures.gif(choice)], Most(_FRAMES, _ROWS)),
    "html": Format(lambda choice: [page.page(choice)], Most(_FRAMES, _ROWS)),
}
