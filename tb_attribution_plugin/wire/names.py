"""Names that the writer and the server must agree on (docs/wire.md)."""

WIRE_VERSION = 1
PLUGIN_NAME = "attribution"
# TensorBoard's own plugin for ordinary scalars.
SCALARS_PLUGIN = "scalars"

MAPS = "maps/"
STATS = "stats/"
HISTOGRAM = "histogram/"
SECONDS = "seconds/"
PROBE = "probe/"
EPOCH = "epoch"
REGION = "region/"
BATCHNORM = "batchnorm/"
FIT = "fit/"

# Stored grids up to this side are kept whole in element 0; larger ones get a thumbnail of at most this side.
ATLAS_SIDE = 64
# Of a series; a reader believes no more.
MAX_EXAMPLES = 1 << 16
