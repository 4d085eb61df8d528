"""How the maps of each kind of input are drawn."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from tb_attribution_plugin.drawing import bar_tile, chip_tile, image_tile, strip_tile
from tb_attribution_plugin.drawing.tile import Look, Map

CELLS = 1 << 22  # of a map that is drawn: a log may claim any number

DRAWINGS: dict[str, Callable[[Map, Look], Image.Image]] = {
    "image": image_tile.draw,
    "tabular": bar_tile.draw,
    "text": chip_tile.draw,
    "time_series": strip_tile.draw,
}


def original(picture: Image.Image) -> Image.Image:
    """A picture that is explained, in the size of its tiles."""
    return image_tile.resized(picture, (picture.height, picture.width))


def draw(modality: str, map_: Map, look: Look) -> Image.Image:
    """A tile. Units of a layer, and pictures without rows and columns, are drawn as numbers.

    Raises:
      ValueError: the map is none of this kind, has no cells, or too many for a picture.
    """
    if not map_.values.size:
        raise ValueError(f"a map of shape {list(map_.values.shape)} has no cells to draw")
    if map_.values.size > CELLS:
        raise ValueError(f"a map of {map_.values.size} cells is not drawn; {CELLS} are the most")
    flat = map_.units or (modality == "image" and map_.values.ndim < 2)
    return DRAWINGS["tabular" if flat else modality](map_, look)
