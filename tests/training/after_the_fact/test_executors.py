"""Checkpoints that are explained elsewhere than in this thread."""

from __future__ import annotations

import os
from concurrent.futures import Executor, ProcessPoolExecutor

import pytest

from tb_attribution_plugin.training.after_the_fact import executors
from tests.training.after_the_fact.trained import assert_same, explain, run


@pytest.mark.once
def test_a_cluster_of_processes_gives_the_same_run(trained, tmp_path):
    from dask import distributed

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert os.getpid() not in client.run(os.getpid).values()
        # Both at once: else the second one begins to load TensorFlow when the first one has.
        client.run(lambda: __import__("tb_attribution_plugin.training.after_the_fact.worker").__name__)
        done = explain(trained, tmp_path, executor=client.get_executor())
    assert (done.written, done.failed) == ((0, 10, 20, 30, 40), {})
    assert_same(run(tmp_path), run(trained / "live"))


def test_a_process_that_dies_is_told_of():
    with (
        pytest.raises(ChildProcessError, match=r"one of 2 processes.*with fewer jobs"),
        executors.chosen(None, 2) as pool,
    ):
        pool.submit(os._exit, 1).result()


def test_the_executor_of_the_user_stays_open():
    with ProcessPoolExecutor(1) as mine:
        with executors.chosen(mine, 1) as one:
            assert one is mine
        assert isinstance(mine, Executor)
        assert mine.submit(abs, -1).result() == 1
