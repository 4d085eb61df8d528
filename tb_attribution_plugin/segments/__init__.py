"""What an input is cut into: ids of the parts that are switched together. NumPy and scikit-image.

Every function gives int32 ids in the shape of an input, axes of size 1 standing for all: 0 .. K - 1 in each example,
without holes. A feature of id -1 is in no segment and always stays as it is. `Probe(segments=...)` takes them.
"""

from tb_attribution_plugin.segments.columns import columns as columns
from tb_attribution_plugin.segments.grid import grid as grid
from tb_attribution_plugin.segments.numbering import together as together
from tb_attribution_plugin.segments.pieces import pieces as pieces
from tb_attribution_plugin.segments.slic import slic as slic
from tb_attribution_plugin.segments.tokens import sentences as sentences
from tb_attribution_plugin.segments.tokens import tokens as tokens
from tb_attribution_plugin.segments.tokens import words as words
from tb_attribution_plugin.segments.windows import windows as windows

__all__ = ["columns", "grid", "pieces", "sentences", "slic", "together", "tokens", "windows", "words"]
