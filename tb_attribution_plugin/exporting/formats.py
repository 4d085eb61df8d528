"""What a log can be exported as."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, NamedTuple

from tb_attribution_plugin.exporting import arrays, page, pictures
from tb_attribution_plugin.exporting.choice import Choice, Most

_ROWS, _COLUMNS = 8, 8  # examples and series of a picture that nobody chose
_FRAMES = 30


class Format(NamedTuple):
    """
    Attributes:
      write: what was chosen, into a file.
      most: what is exported where nobody chose.
    """

    write: Callable[[Choice, IO[bytes]], None]
    most: Most


FORMATS = {
    "npz": Format(arrays.npz, Most(None, None, None)),
    "csv": Format(arrays.csv, Most(None, None, None)),
    "png": Format(pictures.png, Most(1, _ROWS, _COLUMNS)),
    "gif": Format(pictures.gif, Most(_FRAMES, _ROWS, _COLUMNS)),
    "html": Format(page.page, Most(_FRAMES, _ROWS, _COLUMNS)),
}
