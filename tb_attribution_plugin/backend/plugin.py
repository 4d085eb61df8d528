"""The plugin: every route parses, asks the store, answers."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from typing import Any

from tensorboard import plugin_util
from tensorboard.plugins import base_plugin
from tensorboard.util import tb_logging
from werkzeug import Request, Response

from tb_attribution_plugin.backend import answers, decoded_maps, map_items, static_files
from tb_attribution_plugin.backend.blob_keys import MAX_ELEMENTS
from tb_attribution_plugin.backend.errors import RequestError
from tb_attribution_plugin.backend.parameters import Parameters
from tb_attribution_plugin.backend.prompt import prompt
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.backend.store import Store
from tb_attribution_plugin.wire import names

logger = tb_logging.get_logger()

_STATIC = "/static/"
_METHODS = ("GET", "HEAD")
_SCALARS_KEPT = 1000  # by both loaders, where the user does not say

Route = Callable[[Request, Data], Response]


class AttributionPlugin(base_plugin.TBPlugin):
    """What a model looks at while it learns, as a tab of TensorBoard."""

    plugin_name = names.PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._provider = prompt(context.data_provider)
        self._multiplexer = context.multiplexer
        limits = context.sampling_hints or {}
        folder = context.logdir or ""
        logdir = folder or getattr(context.flags, "logdir_spec", "") or ""
        limit, scalar_limit = limits.get(names.PLUGIN_NAME) or 0, limits.get(names.SCALARS_PLUGIN, _SCALARS_KEPT)
        self._store = Store(logdir, folder, limit, scalar_limit, metadata.version("tb-attribution-plugin"))
        if not static_files.is_built():
            logger.warning(static_files.words_without_bundle())

    def is_active(self) -> bool:
        """TensorBoard shows the tab once a run has data of our name, and asks this only while none has."""
        return False

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        return base_plugin.FrontendMetadata(es_module_path=_STATIC + static_files.ENTRY, tab_name="Attribution")

    def get_plugin_apps(self) -> dict[str, Any]:
        return {
            "/index": self._app(self._index),
            "/probe": self._app(self._probe),
            "/input": self._app(self._input),
            "/maps": self._app(self._maps),
            "/stats": self._app(self._stats),
            "/histograms": self._app(self._histograms),
            "/scalars": self._app(self._scalars),
            "/export": self._app(self._export),
            _STATIC + "*": self._app(self._static),
        }

    def _index(self, request: Request, data: Data) -> Response:
        _parameters(request)
        return answers.json_message(request, self._store.index(data))

    def _probe(self, request: Request, data: Data) -> Response:
        given = _parameters(request, "run", "hash")
        return answers.stored(request, self._store.probe(data, given.text("run"), given.text("hash")))

    def _input(self, request: Request, data: Data) -> Response:
        given = _parameters(request, "run", "hash", "example")
        example = given.integer("example")
        return answers.stored(request, self._store.input(data, given.text("run"), given.text("hash"), example))

    def _maps(self, request: Request, data: Data) -> Response:
        given = _parameters(request, "run", "tag", "steps", "elements")
        series = given.series()
        steps = given.integers_of("steps", len(series))
        elements = given.integers_of("elements", len(series), below=MAX_ELEMENTS)
        wanted = [map_items.Wanted(*one) for one in zip(series, steps, elements, strict=True)]
        return answers.stored(request, self._store.maps(data, wanted))

    def _stats(self, request: Request, data: Data) -> Response:
        given = _parameters(request, "run", "tag", "columns")
        columns = given.optional_integers("columns")
        return answers.bytes_message(request, self._store.stats(data, given.series(), columns))

    def _histograms(self, request: Request, data: Data) -> Response:
        return answers.bytes_message(request, self._store.histograms(data, _parameters(request, "run", "tag").series()))

    def _scalars(self, request: Request, data: Data) -> Response:
        return answers.json_message(request, self._store.scalars(data, _parameters(request, "run", "tag").series()))

    def _export(self, request: Request, data: Data) -> Response:
        given = _parameters(request, "run", "tag", "format", "steps")
        run, tag, kind = given.text("run"), given.text("tag"), given.choice("format", tuple(decoded_maps.MAX_VALUES))
        content = self._store.export(data, run, tag, kind, given.optional_integers("steps"))
        return answers.file(request, content, kind, f"{run}-{tag}")

    def _static(self, request: Request, data: Data) -> Response:
        _, _, path = request.path.partition(f"/{names.PLUGIN_NAME}{_STATIC}")
        return static_files.respond(request, path)

    def _app(self, route: Route) -> Any:
        """`route` as a WSGI application that answers errors in words."""

        def answer(request: Request) -> Response:
            if request.method not in _METHODS:
                message = f"{request.method} is not allowed: nothing here can be changed"
                return answers.error(
                    request, "method_not_allowed", message, "use GET", [("Allow", ", ".join(_METHODS))]
                )
            environ = request.environ
            context, experiment = plugin_util.context(environ), plugin_util.experiment_id(environ)
            data = Data(self._provider, context, experiment, self._multiplexer)
            try:
                return route(request, data)
            except RequestError as error:
                return answers.request_error(request, error)
            except Exception as error:
                logger.exception("attribution: %s failed", request.path)
                message = f"{type(error).__name__}: {error}"
                return answers.error(request, "internal", message, "a mistake of ours: the log of tensorboard has more")

        return Request.application(answer)


def _parameters(request: Request, *known: str) -> Parameters:
    return Parameters(request.args.to_dict(flat=False), known)
