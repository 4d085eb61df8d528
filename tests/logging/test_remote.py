"""Runs that are logged behind a URL, where nothing can be appended."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, Mock
from urllib.parse import urlsplit

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tb_attribution_plugin import AttributionWriter, Probe
from tb_attribution_plugin.cli.main import main
from tb_attribution_plugin.logging import remote, remote_file
from tb_attribution_plugin.logging.directory import DirectoryInUseError
from tb_attribution_plugin.logging.event_file import LogWriteError
from tb_attribution_plugin.logging.explained_run import ExplainedRun
from tb_attribution_plugin.logging.read import read
from tb_attribution_plugin.logging.reader import StoredRun, read_runs
from tb_attribution_plugin.logging.stored_steps import stored_steps
from tests.logging.loaders import load

PROBE = Probe(np.random.default_rng(0).random((2, 8, 8, 1), np.float32))


@pytest.fixture
def memory() -> Iterator[Any]:
    """A file system in memory, empty, whose listings and files are those of an object store."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    files.pseudo_dirs[:] = [""]
    yield files
    files.store.clear()


def maps(step: int) -> np.ndarray:
    return np.random.default_rng(step).normal(size=(2, 8, 8)).astype(np.float32)


def log(log_dir: str, steps: list[int], **options: Any) -> str:
    """Logs maps of these steps; the run directory."""
    with AttributionWriter(log_dir, PROBE, store="float32", **options) as writer:
        writer.series("ig", method="IntegratedGradients")
        for step in steps:
            writer.write(step, {"ig": maps(step)})
    return writer.path


def check(run: StoredRun, steps: list[int]) -> None:
    assert run.problems == []
    assert run.series["ig"].steps == steps
    for step in steps:
        np.testing.assert_array_equal(run.series["ig"].maps(step).scores[0], maps(step))
    assert list(run.probes) == [PROBE.hash]


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_a_run_in_memory_is_read_back(memory: Any):
    assert log("memory://runs/a/", [0, 5, 7]) == "memory://runs/a/attribution"
    runs = read_runs("memory://runs")
    assert list(runs) == ["a/attribution"]
    check(runs["a/attribution"], [0, 5, 7])


def test_files_are_those_of_a_local_run(memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(time, "time", lambda: 1_000_000_000.0)
    log("memory://a", [0, 5])
    log(str(tmp_path), [0, 5])
    (behind_url,), (local,) = memory.ls("/a/attribution", detail=False), tmp_path.glob("attribution/*tfevents*")
    assert memory.cat(behind_url) == local.read_bytes()


def test_a_large_file_is_followed_by_another_one(memory: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remote_file, "ROTATE_BYTES", 3000)
    writer = AttributionWriter("memory://a", PROBE, store="float32")
    writer.series("ig", method="IntegratedGradients")
    for step in range(12):
        writer.write(step, {"ig": maps(step)})
    writer.close()
    files = memory.ls("/a/attribution")
    assert len(files) > 3
    # Each ends with the first record behind the limit, of about one step's maps.
    assert all(one["size"] < 3000 + 4000 for one in files)
    assert sum(one["size"] for one in files) == writer.bytes_written
    check(read_runs("memory://a")["attribution"], list(range(12)))


def test_records_wait_for_the_next_flush_and_no_longer(memory: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remote_file, "_TOGETHER_SECONDS", 0.05)
    monkeypatch.setattr(remote_file, "FLUSH_SECONDS", 0.1)
    with AttributionWriter("memory://a", PROBE, store="float32") as writer:
        writer.series("ig", method="IntegratedGradients")
        writer.write(0, {"ig": maps(0)})
        wait_until(lambda: stored_steps("memory://a/attribution") == (0, 0))
        writer.write(1, {"ig": maps(1)})
        wait_until(lambda: stored_steps("memory://a/attribution") == (0, 1))
        check(StoredRun("memory://a/attribution"), [0, 1])
        assert len(memory.ls("/a/attribution")) == 1  # written again as a whole


def test_flush_uploads_at_once(memory: Any):
    with AttributionWriter("memory://a", PROBE, store="float32") as writer:
        writer.series("ig", method="IntegratedGradients")
        writer.write(0, {"ig": maps(0)})
        writer.flush()
        check(StoredRun("memory://a/attribution"), [0])


def test_a_later_fit_resumes_and_one_that_starts_again_takes_the_next_name(memory: Any):
    log("memory://a", [0, 5, 10])
    log("memory://a", [5, 6], start_step=5)
    check(StoredRun("memory://a/attribution"), [0, 5, 6])
    with pytest.warns(UserWarning, match=r"memory://a/attribution holds steps 0 \.\. 6 of an earlier fit"):
        again = log("memory://a", [0, 1])
    assert again == "memory://a/attribution-2"
    check(StoredRun(again), [0, 1])


def test_max_bytes_counts_what_is_there(memory: Any):
    log("memory://a", [0, 5])
    before = sum(one["size"] for one in memory.ls("/a/attribution"))
    with AttributionWriter("memory://a", PROBE, start_step=6) as writer:
        writer.open(6)
        assert writer.bytes_before == before


def test_one_process_writes_a_name_once(memory: Any):
    with (
        AttributionWriter("memory://a", PROBE),
        pytest.raises(DirectoryInUseError, match="memory://a/attribution is already being written by this process"),
    ):
        AttributionWriter("memory://a/", PROBE)


def test_a_store_that_refuses_is_an_error_at_once(memory: Any, monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: Any, **options: Any) -> None:
        raise RuntimeError("403: no access")

    monkeypatch.setattr(memory, "pipe_file", refuse)
    with pytest.raises(OSError, match=r"log_dir is not usable: memory://a/attribution: RuntimeError: 403: no access"):
        AttributionWriter("memory://a", PROBE)


def test_what_could_not_be_uploaded_is_said_once_and_tried_again(memory: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remote_file, "_TOGETHER_SECONDS", 60.0)  # the test itself does what the timer would do
    upload = memory.pipe_file

    def refuse(*args: Any, **options: Any) -> None:
        raise ConnectionError("the store is away")

    writer = AttributionWriter("memory://a", PROBE, store="float32")
    writer.series("ig", method="IntegratedGradients")
    monkeypatch.setattr(memory, "pipe_file", refuse)
    writer.write(0, {"ig": maps(0)})
    writer._run._file._upload._in_background()
    with pytest.raises(
        LogWriteError,
        match=r"writing to memory://a/attribution/events.*the store is away; fix: check the",
    ):
        writer.write(1, {"ig": maps(1)})
    monkeypatch.setattr(memory, "pipe_file", upload)
    writer.write(2, {"ig": maps(2)})
    writer.close()
    check(StoredRun("memory://a/attribution"), [0, 2])


def test_no_record_is_refused_where_the_store_is_back(memory: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remote_file, "_TOGETHER_SECONDS", 60.0)
    with AttributionWriter("memory://a", PROBE, store="float32") as writer:
        writer.series("ig", method="IntegratedGradients")
        writer.write(0, {"ig": maps(0)})
        with monkeypatch.context() as away:
            away.setattr(memory, "pipe_file", Mock(side_effect=ConnectionError("the store is away")))
            writer._run._file._upload._in_background()
        for step in (1, 2):
            writer.write(step, {"ig": maps(step)})
    check(StoredRun("memory://a/attribution"), [0, 1, 2])


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_the_last_upload_is_tried_again_and_so_is_a_close_that_failed(
    memory: Any, monkeypatch: pytest.MonkeyPatch, failures: int
):
    monkeypatch.setattr(remote_file, "_AGAIN_SECONDS", (0.0, 0.0))
    writer = AttributionWriter("memory://a", PROBE, store="float32")
    writer.series("ig", method="IntegratedGradients")
    writer.write(0, {"ig": maps(0)})
    upload, away = memory.pipe_file, [ConnectionError("the store is away")] * failures

    def flaky(*args: Any, **options: Any) -> None:
        if away:
            raise away.pop()
        upload(*args, **options)

    monkeypatch.setattr(memory, "pipe_file", flaky)
    if failures > 2:
        with pytest.raises(LogWriteError, match="the store is away"):
            writer.close()
    writer.close()
    check(StoredRun("memory://a/attribution"), [0])


@pytest.mark.parametrize("loader", ["data_server", "python_loader"])
def test_tensorboard_reads_what_was_written_through_fsspec(
    tmp_path: Path, loader: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(remote_file, "ROTATE_BYTES", 3000)
    log(f"file://{tmp_path}/a", list(range(6)))
    assert len(list((tmp_path / "a" / "attribution").iterdir())) > 1
    view = load(loader, tmp_path)
    try:
        assert list(view.blobs("a/attribution", "maps/ig")) == list(range(6))
    finally:
        view.close()


def test_tensorboard_without_tensorflow_follows_a_file_that_is_uploaded_again():
    script = """
import sys; sys.modules["tensorflow"] = None
import numpy as np
from tensorboard import context
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.data import provider
from tb_attribution_plugin import AttributionWriter

multiplexer = plugin_event_multiplexer.EventMultiplexer(tensor_size_guidance={"attribution": 0})
where = {"experiment_id": "", "plugin_name": "attribution", "downsample": 100,
         "run_tag_filter": provider.RunTagFilter(runs=["a/attribution"], tags=["maps/ig"])}
with AttributionWriter("memory://runs/a", np.ones((2, 3), np.float32)) as writer:
    writer.series("ig", method="IntegratedGradients")
    for step in range(3):
        writer.write(step, {"ig": np.ones((2, 3))})
        writer.flush()
        multiplexer.AddRunsFromDirectory("memory://runs")
        multiplexer.Reload()
        source = data_provider.MultiplexerDataProvider(multiplexer, "memory://runs")
        found = source.read_blob_sequences(context.RequestContext(), **where)
        print([datum.step for datum in found["a/attribution"]["maps/ig"]])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["[0]", "[0, 1]", "[0, 1, 2]"], done.stderr


def test_a_log_behind_a_url_is_read_and_inspected(memory: Any, capsys: pytest.CaptureFixture[str]):
    log("memory://runs/a", [0, 5])
    series = read("memory://runs")["a/attribution"].series["ig"]
    np.testing.assert_array_equal(series[5].scores, maps(5))
    assert main(["inspect", "memory://runs"]) == 0
    size = memory.ls("/runs/a/attribution")[0]["size"]
    assert f"a/attribution: {size / 1000:.1f} kB in 1 event file" in capsys.readouterr().out


def error_of(script: str) -> str:
    """The last line of what a program without TensorFlow dies of."""
    script = f"import sys\nfrom tb_attribution_plugin import AttributionWriter\n{script}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(("scheme", "package"), [("gs", "gcsfs"), ("s3", "s3fs"), ("abfs", "adlfs")])
def test_a_missing_driver_is_named_with_what_to_install(scheme: str, package: str):
    said = error_of(f"sys.modules['{package}'] = None\nAttributionWriter('{scheme}://bucket/runs', [[1., 2.]])")
    assert said.startswith(
        f"ImportError: log_dir on {scheme}:// needs fsspec and {package}: pip install fsspec {package} ("
    )


def test_without_fsspec_it_is_named():
    said = error_of("sys.modules['fsspec'] = None\nAttributionWriter('gs://bucket/runs', [[1., 2.]])")
    assert said.startswith("ImportError: log_dir on gs:// needs fsspec and gcsfs: pip install fsspec gcsfs (")


def test_an_unknown_kind_of_url_is_refused():
    with pytest.raises(ValueError, match="log_dir on nonsense:// is known neither to fsspec nor to TensorFlow"):
        AttributionWriter("nonsense://a", PROBE)


class Hosted(MemoryFileSystem):
    """One store per host, as of ftp, sftp, smb or hdfs."""

    protocol = "hosted"

    def __init__(self, host: str, **options: Any) -> None:
        if host == "away":
            raise RuntimeError("no route to it")
        super().__init__(**options)
        self.store = {}
        self.pseudo_dirs = [""]

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return MemoryFileSystem._strip_protocol(urlsplit(path).path)

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, str]:
        host = urlsplit(path).netloc
        return {"host": host} if host else {}


def test_the_host_of_a_url_matters():
    fsspec.register_implementation("hosted", Hosted, clobber=True)
    log("hosted://one/a", [0])
    log("hosted://two:80/a", [0, 5])
    check(StoredRun("hosted://one/a/attribution"), [0])
    check(read_runs("hosted://two:80/")["a/attribution"], [0, 5])
    with pytest.raises(
        ValueError, match=r"log_dir 'hosted:///a' lacks what hosted:// needs, such as its host: .*'host'"
    ):
        AttributionWriter("hosted:///a", PROBE)
    with pytest.raises(OSError, match="RuntimeError: no route to it"):
        AttributionWriter("hosted://away/a", PROBE)


def test_a_read_that_breaks_off_is_an_error_of_the_file(memory: Any, monkeypatch: pytest.MonkeyPatch):
    log("memory://a", [0])
    (path,) = memory.ls("/a/attribution", detail=False)
    broken = MagicMock(**{"read.side_effect": RuntimeError("connection lost")})
    broken.__enter__.return_value = broken
    gfile = Mock(GFile=Mock(return_value=broken))
    monkeypatch.setattr(memory, "open", Mock(return_value=broken))
    for store in (remote.store_of("memory://a"), remote._Gfile(gfile)):
        with store.read(f"memory:/{path}") as file, pytest.raises(OSError, match="RuntimeError: connection lost"):
            file.read(4)


def test_a_url_that_became_a_path_is_refused():
    with pytest.raises(ValueError, match="log_dir 'gs:/bucket/a' was a URL before it became a Path; give the string"):
        AttributionWriter(pathlib.PurePosixPath("gs://bucket/a"), PROBE)


def test_checkpoints_are_explained_into_local_directories(memory: Any):
    with pytest.raises(ValueError, match="'memory://a' is not on a local file system"):
        ExplainedRun("memory://a", PROBE, name="attribution")


def test_what_waits_is_uploaded_when_the_program_ends(tmp_path: Path):
    script = (
        "import numpy as np; from tb_attribution_plugin import AttributionWriter\n"
        f"writer = AttributionWriter('file://{tmp_path}', np.ones((2, 3), np.float32))\n"
        "writer.series('ig', method='IntegratedGradients')\n"
        "writer.write(0, {'ig': np.ones((2, 3))})\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert StoredRun(str(tmp_path / "attribution")).series["ig"].steps == [0]


def test_tensorflows_file_systems_serve_where_fsspec_has_no_driver(tmp_path: Path):
    tensorflow = pytest.importorskip("tensorflow")
    store = remote._Gfile(tensorflow.io.gfile)
    url = f"file://{tmp_path}"
    store.write(f"{url}/a/b/one", b"12")
    store.write(f"{url}/a/b/one", b"123")
    assert store.sizes(f"{url}/a/b") == {"one": 3}
    assert store.sizes(f"{url}/a") == {}
    assert store.below(url) == [f"{url}/a/b"]
    with store.read(f"{url}/a/b/one") as file:
        file.seek(1)
        assert file.read() == b"23"
    store.remove(f"{url}/a/b/one")
    assert store.sizes(f"{url}/a/b") == store.sizes(f"{url}/none") == {}
