"""Models of every kind, by name."""

from tests.zoo import images, series, tables, texts, wrapped
from tests.zoo.specimen import Specimen

ZOO: dict[str, Specimen] = images.SPECIMENS | tables.SPECIMENS | texts.SPECIMENS | series.SPECIMENS | wrapped.SPECIMENS
