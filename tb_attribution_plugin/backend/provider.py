"""TensorBoard's data provider, asked for one request."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from typing import Any

import grpc
from tensorboard import errors as tensorboard_errors
from tensorboard.data import provider

from tb_attribution_plugin.backend.errors import NotFoundError, TooMuchError, UnreadableError, shown
from tb_attribution_plugin.wire import names

# "All of them": the sampling that a user may see is that of the server's own limit, said in the index.
_NO_DOWNSAMPLING = 2**31 - 1

# TensorBoard converts stored tensors with no check; a hostile one raises whatever NumPy raises.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, MemoryError, OverflowError)

# d[run][tag]; the values are TensorBoard's time series or lists of its data.
Found = dict[str, dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class Data:
    """The data provider together with what it wants to know of every request.

    Attributes:
      provider: TensorBoard's data provider.
      context: the request's `RequestContext`.
      experiment: the request's experiment id.
    """

    provider: Any
    context: Any
    experiment: str

    def runs(self) -> list[str]:
        found = self.provider.list_runs(self.context, experiment_id=self.experiment)
        return [run.run_name for run in found]

    def list_scalars(self, plugin: str = names.PLUGIN_NAME, run: str | None = None) -> Found:
        return self._ask("list_scalars", plugin, run, None)

    def list_blobs(self, run: str | None = None, tags: Collection[str] | None = None) -> Found:
        return self._ask("list_blob_sequences", names.PLUGIN_NAME, run, tags)

    def list_tensors(self, run: str | None = None) -> Found:
        return self._ask("list_tensors", names.PLUGIN_NAME, run, None)

    def read_scalars(
        self, plugin: str = names.PLUGIN_NAME, run: str | None = None, tags: Collection[str] | None = None
    ) -> Found:
        return self._ask("read_scalars", plugin, run, tags, downsample=_NO_DOWNSAMPLING)

    def read_blob_keys(self, run: str, tag: str) -> list[Any]:
        """The sequence's `BlobSequenceDatum`s by step: keys without payload; [] where there is no such series."""
        found = self._ask("read_blob_sequences", names.PLUGIN_NAME, run, [tag], downsample=_NO_DOWNSAMPLING)
        return list(found.get(run, {}).get(tag, []))

    def read_tensors(self, run: str, tag: str) -> list[Any]:
        """The series' `TensorDatum`s, all steps at once: the provider has no filter by step."""
        found = self._ask("read_tensors", names.PLUGIN_NAME, run, [tag], downsample=_NO_DOWNSAMPLING)
        return list(found.get(run, {}).get(tag, []))

    def read_blob(self, key: str) -> bytes:
        blob = self.provider.read_blob(self.context, blob_key=key)
        if not isinstance(blob, bytes):
            raise UnreadableError(f"element is not bytes but {shown(blob)}")
        return blob

    def _ask(self, method: str, plugin: str, run: str | None, tags: Collection[str] | None, **options: int) -> Found:
        chosen = provider.RunTagFilter(runs=None if run is None else [run], tags=tags)
        try:
            found: Found = getattr(self.provider, method)(
                self.context, experiment_id=self.experiment, plugin_name=plugin, run_tag_filter=chosen, **options
            )
        except tensorboard_errors.NotFoundError as error:
            raise NotFoundError(str(error)) from error
        except grpc.RpcError as error:
            raise _unanswered(error, method) from error
        except (tensorboard_errors.PublicError, *UNREADABLE) as error:
            where = f"{shown(run)}, {shown(tags)}" if run is not None else "the logdir"
            raise UnreadableError(f"TensorBoard cannot read {where}: {error}") from error
        return found


def once_per_step(points: Iterable[Any]) -> list[Any]:
    """Points in ascending order of their steps, the first of each.

    The Python loader keeps what was written twice twice, and of two blobs it reads the first.
    """
    first = {point.step: point for point in reversed(list(points))}
    return [first[step] for step in sorted(first)]


def _unanswered(error: grpc.RpcError, method: str) -> Exception:
    code = error.code()
    if code == grpc.StatusCode.RESOURCE_EXHAUSTED:
        return TooMuchError(
            f"TensorBoard's data server cannot send the whole series in one answer: {error.details()}",
            f"start tensorboard with --samples_per_plugin={names.PLUGIN_NAME}=500 to keep fewer steps",
        )
    return UnreadableError(f"TensorBoard's data server failed in {method}: {code.name}: {error.details()}")
