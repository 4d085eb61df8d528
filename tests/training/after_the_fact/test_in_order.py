"""Work that is done in any order and handed on in its own."""

from __future__ import annotations

from concurrent.futures import Executor, Future

from tb_attribution_plugin.training.after_the_fact.in_order import in_order


class Backwards(Executor):
    """Does nothing until it is told to; then the last first."""

    def __init__(self) -> None:
        self.open: list[tuple[Future, object, object]] = []
        self.most = 0

    def submit(self, call, /, *arguments, **named):
        future: Future = Future()
        self.open.append((future, call, arguments))
        self.most = max(self.most, len(self.open))
        return future

    def work(self) -> None:
        while self.open:
            future, call, arguments = self.open.pop()
            if future.set_running_or_notify_cancel():
                future.set_result(call(*arguments))


def test_what_ends_backwards_is_handed_on_forwards_and_little_waits():
    executor, found = Backwards(), []
    for item, future in in_order(executor, lambda number: number**2, range(10), 3):
        executor.work()
        found.append((item, future.result()))
    assert found == [(number, number**2) for number in range(10)]
    assert executor.most <= 3


def test_what_has_not_begun_is_cancelled_when_nobody_wants_it_any_more():
    executor = Backwards()
    results = in_order(executor, lambda number: number, range(10), 4)
    next(results)
    results.close()
    assert [future.cancelled() for future, _, _ in executor.open] == [False, True, True, True]
