"""Prints what this environment has of our direct requirements; fails where that is not the lowest claimed version.

Python 3.13 has no wheels of the lowest versions: there it only prints.
"""

from __future__ import annotations

import sys
from importlib import metadata

from packaging.requirements import Requirement
from packaging.version import Version

EXTRAS = ("train", "test")

above = []
for text in metadata.requires("tb-attribution-plugin") or []:
    requirement = Requirement(text)
    if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in EXTRAS):
        continue
    claimed = max((Version(one.version) for one in requirement.specifier if one.operator == ">="), default=None)
    installed = Version(metadata.version(requirement.name))
    print(f"{requirement.name:16}{installed}")
    if Version(installed.base_version) != claimed:  # a post-release is the same release, packed again
        above.append(f"{requirement.name} {installed}, but pyproject.toml claims {claimed or 'any version'}")
if above and sys.version_info < (3, 13):
    sys.exit("not the lowest: " + "; ".join(above) + "; raise the claim, or try another PYTHON=")
