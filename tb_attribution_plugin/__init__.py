"""TensorBoard summaries of what a model looks at while it learns.

Public names are loaded when they are first used: TensorBoard's server runs this file and must not pay for TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tb_attribution_plugin import integrations as integrations
    from tb_attribution_plugin import methods as methods
    from tb_attribution_plugin import segments as segments
    from tb_attribution_plugin.attribution import Attribution as Attribution
    from tb_attribution_plugin.logging.read import read as read
    from tb_attribution_plugin.logging.writer import AttributionWriter as AttributionWriter
    from tb_attribution_plugin.methods import baselines as baselines
    from tb_attribution_plugin.methods import perturbations as perturbations
    from tb_attribution_plugin.methods import targets as targets
    from tb_attribution_plugin.probe import Probe as Probe
    from tb_attribution_plugin.training.after_the_fact.explain_checkpoints import (
        explain_checkpoints as explain_checkpoints,
    )
    from tb_attribution_plugin.training.callback import AttributionCallback as AttributionCallback
    from tb_attribution_plugin.training.explain import explain as explain

__version__ = "0.1.0"

_HOMES = {
    "Attribution": "attribution",
    "AttributionCallback": "training.callback",
    "AttributionWriter": "logging.writer",
    "Probe": "probe",
    "explain": "training.explain",
    "explain_checkpoints": "training.after_the_fact.explain_checkpoints",
    "read": "logging.read",
}
_MODULES = {
    "integrations": "integrations",
    "methods": "methods",
    "segments": "segments",
    "baselines": "methods.baselines",
    "perturbations": "methods.perturbations",
    "targets": "methods.targets",
}

__all__ = [
    "Attribution",
    "AttributionCallback",
    "AttributionWriter",
    "Probe",
    "baselines",
    "explain",
    "explain_checkpoints",
    "integrations",
    "methods",
    "perturbations",
    "read",
    "segments",
    "targets",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(_load(name, _HOMES[name]), name)
    if name in _MODULES:
        return _load(name, _MODULES[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _load(name: str, module: str) -> Any:
    try:
        return importlib.import_module(f"{__name__}.{module}")
    except ModuleNotFoundError as error:
        if error.name in ("tensorflow", "keras"):
            raise ImportError(
                f"tba.{name} needs {error.name}, which is not installed: pip install 'tb-attribution-plugin[train]'"
            ) from error
        raise


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
