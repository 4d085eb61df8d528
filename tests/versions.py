"""What is installed, for tests of what an old version cannot do."""

from __future__ import annotations

from importlib import metadata

KERAS = tuple(int(part) for part in metadata.version("keras").split(".")[:2])
