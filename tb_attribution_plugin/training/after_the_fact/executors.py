"""Where checkpoints are explained: in this thread, in processes of this machine, or wherever the user says."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")


@contextmanager
def chosen(executor: Executor | None, jobs: int) -> Iterator[Executor]:
    """The user's executor, which stays open, or one for so many jobs.

    Raises:
      ChildProcessError: a process of ours ended by itself.
    """
    if executor is not None:
        yield executor
    elif jobs == 1:
        yield InThisThread()
    else:
        # Not forked: TensorFlow does not survive that.
        pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin)
        try:
            yield pool
        except BrokenExecutor as error:
            raise ChildProcessError(
                f"one of {jobs} processes ended by itself: there may be too little memory, or the script that calls "
                "has no `if __name__ == '__main__':`. What is written stays, and the same call with fewer jobs goes on"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


class InThisThread(Executor):
    """Does the work where it is submitted."""

    def submit(self, call: Callable[..., Result], /, *arguments: Any, **named: Any) -> Future[Result]:
        future: Future[Result] = Future()
        try:
            future.set_result(call(*arguments, **named))
        except Exception as error:
            future.set_exception(error)
        return future


def _begin() -> None:
    """The terminal interrupts all of its processes: the one that writes tells the others to end, by its own end too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Before TensorFlow is loaded: none may take all memory of a GPU.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
