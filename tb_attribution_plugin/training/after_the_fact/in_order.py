"""Work that is done in any order and handed on in its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    executor: Executor, call: Callable[[Item], Result], items: Iterable[Item], in_flight: int
) -> Generator[tuple[Item, Future[Result]], None, None]:
    """Each item with its future, in the order of the items; at most `in_flight` are with the executor or wait here.

    Closing the iterator cancels what has not begun.
    """
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    try:
        for item in items:
            if len(waiting) == in_flight:
                yield waiting.popleft()
            waiting.append((item, executor.submit(call, item)))
        while waiting:
            yield waiting.popleft()
    finally:
        for _, future in waiting:
            future.cancel()
