"""Attributions of other frameworks. Each module imports its framework, and is imported when it is first used."""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = ("captum", "lightgbm", "shap", "sklearn", "xgboost")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(_MODULES)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
