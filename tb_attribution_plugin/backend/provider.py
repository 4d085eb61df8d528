"""TensorBoard's data provider, asked for one request."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import numbers
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from tensorboard import errors as tensorboard_errors
from tensorboard.data import provider

from tb_attribution_plugin.backend import claims
from tb_attribution_plugin.backend.errors import NotFoundError, TooMuchError, UnavailableError, UnreadableError, shown
from tb_attribution_plugin.backend.listing import Found, in_parts
from tb_attribution_plugin.wire import names

# Points of a series: the sampling that a user may see is that of the server's own limit, said in the index.
ALL = 2**31 - 1

# TensorBoard converts stored events and tensors with no check; a hostile one raises whatever protobuf or NumPy raises.
_UNREADABLE = (DecodeError, ValueError, TypeError, LookupError, AttributeError, MemoryError, OverflowError)


# tensorboard-data-server 0.7.2 refuses its own blob keys where a name needs escaping in JSON.
_NO_KEY = "failed to parse blob key"


@dataclasses.dataclass(frozen=True)
class Data:
    """The data provider together with what it wants to know of every request.

    Attributes:
      provider: TensorBoard's data provider.
      context: the request's `RequestContext`.
      experiment: the request's experiment id.
      multiplexer: what the Python loader has read; None with the data server.
      unlisted: runs that TensorBoard could not list for this request, and why.
    """

    provider: Any
    context: Any
    experiment: str
    multiplexer: Any = None
    unlisted: dict[str, UnreadableError | TooMuchError] = dataclasses.field(default_factory=dict)

    def runs(self) -> list[str]:
        return self._runs

    @functools.cached_property
    def _runs(self) -> list[str]:
        # The Python loader may look into the files for it.
        with _in_words("the runs"):
            return [run.run_name for run in self.provider.list_runs(self.context, experiment_id=self.experiment)]

    def list_scalars(self, plugin: str = names.PLUGIN_NAME) -> Found:
        return self._list("list_scalars", plugin, None, None)

    def list_blobs(self, runs: Collection[str] | None = None, tags: Collection[str] | None = None) -> Found:
        return self._list("list_blob_sequences", names.PLUGIN_NAME, runs, tags)

    def list_tensors(self, runs: Collection[str] | None = None) -> Found:
        return self._list("list_tensors", names.PLUGIN_NAME, runs, None)

    def read_scalars(
        self, runs: Collection[str], tags: Collection[str], plugin: str = names.PLUGIN_NAME, most: int = ALL
    ) -> Found:
        """Points of those of the tags that each run has; of a series of more than `most` a sample with its last one.

        Raises:
          UnreadableError: a value claims more than it holds, or is no number.
        """
        self._check_claims(runs, tags)
        found = self._ask("read_scalars", plugin, runs, tags, downsample=most)
        for run, by_tag in found.items():
            for tag, points in by_tag.items():
                for point in points:
                    if not isinstance(point.value, numbers.Real):
                        raise UnreadableError(
                            f"{shown(tag)} of run {shown(run)} holds {shown(point.value)} at step {point.step}, which "
                            "is no number"
                        )
        return found

    def read_blob_keys(self, run: str, tag: str) -> list[Any]:
        """The sequence's `BlobSequenceDatum`s by step: keys without payload; [] where there is no such series."""
        found = self._ask("read_blob_sequences", names.PLUGIN_NAME, [run], [tag], downsample=ALL)
        return list(found.get(run, {}).get(tag, []))

    def read_tensors(self, run: str, tag: str) -> list[Any]:
        """The series' `TensorDatum`s, all steps at once: the provider has no filter by step.

        Raises:
          UnreadableError: TensorBoard cannot make arrays of them, or one claims more than it holds.
        """
        self._check_claims([run], [tag])
        checked = dataclasses.replace(self, provider=claims.checked(self.provider))
        found = checked._ask("read_tensors", names.PLUGIN_NAME, [run], [tag], downsample=ALL)
        return list(found.get(run, {}).get(tag, []))

    def _check_claims(self, runs: Collection[str], tags: Collection[str]) -> None:
        """Refuses scalars and tensors that TensorBoard cannot read in bounded memory; see `claims`.

        Raises:
          UnreadableError: a value claims more than it holds.
        """
        if self.multiplexer is not None:
            claims.check_loaded(self.multiplexer, runs, tags)

    def read_blob(self, key: str) -> bytes:
        try:
            with _in_words("the blob"):
                blob = self.provider.read_blob(self.context, blob_key=key)
        except UnreadableError as error:
            if _NO_KEY not in str(error):
                raise
            raise UnreadableError(
                "TensorBoard's data server reads no maps where the name of a run or tag holds a control character, a "
                'double quote (") or a backslash; start tensorboard with --load_fast=false'
            ) from error
        if not isinstance(blob, bytes):
            raise UnreadableError(f"element is not bytes but {shown(blob)}")
        return blob

    def _list(self, method: str, plugin: str, runs: Collection[str] | None, tags: Collection[str] | None) -> Found:
        """A list of some runs or of all; of several, those that TensorBoard fails on are left out, put into `unlisted`
        and not asked for again.
        """
        one = runs is not None and len(runs) == 1
        if self.unlisted and not one:
            runs = [run for run in (self.runs() if runs is None else runs) if run not in self.unlisted]
        try:
            return self._ask(method, plugin, runs, tags)
        except (UnreadableError, TooMuchError):
            if one:
                raise
        # The Python loader fails for all runs where one has a tag without a value, the data server where all of them
        # together are more than it sends.
        waiting = self.runs() if runs is None else runs
        return in_parts(lambda some: self._ask(method, plugin, some, tags), waiting, self.unlisted)

    def _ask(
        self, method: str, plugin: str, runs: Collection[str] | None, tags: Collection[str] | None, **options: int
    ) -> Found:
        chosen = provider.RunTagFilter(runs=runs, tags=tags)
        with _in_words("the logdir" if runs is None else f"runs {shown(runs)}, tags {shown(tags)}"):
            found: Found = getattr(self.provider, method)(
                self.context, experiment_id=self.experiment, plugin_name=plugin, run_tag_filter=chosen, **options
            )
        return found


def once_per_step(points: Iterable[Any]) -> list[Any]:
    """Points in ascending order of their steps, the first of each.

    The Python loader keeps what was written twice twice, and of two blobs it reads the first.
    """
    first = {point.step: point for point in reversed(list(points))}
    return [first[step] for step in sorted(first)]


@contextlib.contextmanager
def _in_words(what: str) -> Iterator[None]:
    """Raises our errors for what TensorBoard raises while it reads `what`."""
    try:
        yield
    except tensorboard_errors.NotFoundError as error:
        raise NotFoundError(
            f"TensorBoard does not find {what}: {error}", "its run may have been rewritten; reload"
        ) from error
    except grpc.RpcError as error:
        if error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise TooMuchError(
                f"TensorBoard's data server cannot send {what} in one answer: {error.details()}",
                f"start tensorboard with --samples_per_plugin={names.PLUGIN_NAME}=500 to keep fewer steps",
            ) from error
        raise UnavailableError(
            f"TensorBoard's data server does not answer for {what}: {error.code().name}: {error.details()}",
            "restart tensorboard, or start it with --load_fast=false",
        ) from error
    except (tensorboard_errors.PublicError, *_UNREADABLE) as error:
        raise UnreadableError(f"TensorBoard cannot read {what}: {error}") from error
