"""The entry point that TensorBoard imports on every start; an ImportError here would stop the whole command."""

from __future__ import annotations

import argparse
from typing import Any

from tensorboard.plugins import base_plugin

from tb_attribution_plugin.wire import names

_KEEP_ALL = 0


class Loader(base_plugin.TBLoader):
    """Raises our sampling limit and makes the plugin."""

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """Keeps every logged step, unless the user said `--samples_per_plugin=attribution=N`.

        TensorBoard's own default shows 10 steps of a whole training and does not say so.
        """
        given = getattr(flags, "samples_per_plugin", None) or {}
        flags.samples_per_plugin = {names.PLUGIN_NAME: _KEEP_ALL} | dict(given)

    def load(self, context: base_plugin.TBContext) -> Any:
        """The plugin. TensorBoard logs what is raised here and goes on without us."""
        from tb_attribution_plugin.backend.plugin import AttributionPlugin

        return AttributionPlugin(context)
