"""The page and its server on a large log directory: how fast, how many requests, how much memory.

    python -m benchmarks.page [--steps 100] [--examples 16] [--methods 3] [--runs 5] [--side 32] [--logdir KEPT]

The page is made for `--steps 1000 --examples 64 --side 32` and `--steps 100 --examples 32 --side 112`. Aims: index
<= 300 ms; first heatmap <= 1 s; a step <= 50 ms where it is here already and <= 250 ms where it is not (p95, 40 tiles);
at most 2 requests for a step; >= 50 frames a second; page <= 300 MB after all steps were seen. Chromium: `CHROMIUM=`.
"""

from __future__ import annotations

import argparse
import json
import math
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import page_logs, tables
from tb_attribution_plugin.wire import attribution_pb2 as pb

LOADERS = {"data server": "true", "Python loader": "false"}
ASKED = 20
_SCRIPTS = [Path(__file__).with_name(name) for name in ("page_browser.mjs", "page_memory.mjs")]
# Those that the page asks for.
_COLUMNS = (
    pb.STAT_TARGET,
    pb.STAT_TARGET_PROBABILITY,
    pb.STAT_PREDICTION,
    pb.STAT_PREDICTION_PROBABILITY,
    pb.STAT_RESIDUAL,
    pb.STAT_SUM_ABS,
    pb.STAT_P99,
    pb.STAT_PEAK,
)


class TensorBoard:
    """A real `tensorboard` over `logdir`.

    Attributes:
      url: its address.
      ready: seconds until it answered.
      loaded: seconds until it had read everything.
    """

    def __init__(self, logdir: Path, load_fast: str, size: page_logs.Size) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/"
        command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir), "--port", str(port)]
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", f"--load_fast={load_fast}"], stderr=subprocess.DEVNULL
        )
        self._wait(lambda: bool(self.get("data/plugins_listing")))
        self.ready = time.perf_counter() - began
        self._wait(lambda: self._has_read(size))
        self.loaded = time.perf_counter() - began

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=120) as response:
            return bytes(response.read())

    def ours(self, route: str, *parameters: tuple[str, object]) -> bytes:
        query = urllib.parse.urlencode(parameters)
        return self.get(f"data/plugin/attribution/{route}" + (f"?{query}" if query else ""))

    def resident_mb(self) -> dict[str, float]:
        """Of TensorBoard, and of its data server where there is one."""
        found = {"TensorBoard": _resident_mb(self._process.pid)}
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for child in children:
            found["data server"] = _resident_mb(int(child))
        return found

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def _has_read(self, size: page_logs.Size) -> bool:
        runs = json.loads(self.ours("index")).get("runs", [])
        steps = [len(series["steps"]) for run in runs for series in run.get("series", [])]
        return steps == [size.steps] * (size.methods * size.runs)

    def _wait(self, holds: Callable[[], bool]) -> None:
        while True:
            try:
                if holds():
                    return
            except urllib.error.URLError:
                pass
            if self._process.poll() is not None:
                raise RuntimeError(f"tensorboard ended with {self._process.returncode}")
            time.sleep(0.02)


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that a share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def ask_all(server: TensorBoard, size: page_logs.Size) -> None:
    """A row for each address: what the page asks for with all runs and methods on it."""
    runs = json.loads(server.ours("index"))["runs"]
    series = [(run["run"], one["maps"]["tag"]) for run in runs for one in run["series"]]
    names = [pair for run, tag in series for pair in (("run", run), ("tag", tag))]
    steps = runs[0]["series"][0]["steps"]
    probe = (("run", runs[0]["run"]), ("hash", runs[0]["probe_hashes"][0]))
    ahead = max(1, 256 // len(series))

    def maps(at: int, count: int) -> bytes:
        wanted = [str(int(steps[(at * 37 + i) % size.steps])) for i in range(count)]
        return server.ours("maps", *names, ("steps", ",".join(wanted)), ("elements", 0))

    columns = ("columns", ",".join(map(str, _COLUMNS)))
    scalars = [pair for run in runs for pair in (("run", run["run"]), ("tag", "fit/loss"))]
    addresses: dict[str, tuple[Callable[[int], bytes], int]] = {
        "index": (lambda _: server.ours("index"), ASKED),
        "probe": (lambda _: server.ours("probe", *probe), ASKED),
        "input": (lambda at: server.ours("input", *probe, ("example", at % size.examples)), ASKED),
        f"maps: 1 step of {len(series)} series": (lambda at: maps(at, 1), ASKED),
        f"maps: {ahead} steps of {len(series)} series": (lambda at: maps(at, ahead), 5),
        f"stats: {len(series)} series": (lambda _: server.ours("stats", *names, columns), 3),
        f"scalars: 1 tag of {len(runs)} runs": (lambda _: server.ours("scalars", *scalars), ASKED),
    }
    tables.head(["address", "first, ms", "p50, ms", "p95, ms", "KB"])
    for name, (ask, times) in addresses.items():
        took = []
        for at in range(times + 1):
            began = time.perf_counter()
            answer = ask(at)
            took.append((time.perf_counter() - began) * 1e3)
        first, later = took[0], took[1:]
        cells = [first, statistics.median(later), percentile(later, 0.95), len(answer) / 1e3]
        tables.row([name, *(f"{cell:.0f}" for cell in cells)])


def measure_page(server: TensorBoard) -> dict[str, Any]:
    """What the scripts in a browser saw."""
    runs = json.loads(server.ours("index"))["runs"]
    methods = sorted({one["maps"]["tag"] for run in runs for one in run["series"]})
    names = [",".join(urllib.parse.quote(one, safe="") for one in all) for all in ([r["run"] for r in runs], methods)]
    link = f"&p.attribution.runs={urllib.parse.quote(names[0])}&p.attribution.method={urllib.parse.quote(names[1])}"
    found: dict[str, Any] = {}
    for script in _SCRIPTS:
        done = subprocess.run(["node", str(script), server.url, link], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{script.name} failed:\n{done.stderr[-2000:]}")
        found |= json.loads(done.stdout)
    return found


def page_rows(seen: dict[str, Any]) -> None:
    def both(name: str) -> str:
        if not seen[name]:
            return "none: too few steps"
        return f"{percentile(seen[name], 0.5):.0f} / {percentile(seen[name], 0.95):.0f}"

    rows = [
        ("index, ms", f"{seen['index']:.0f}"),
        ("first heatmap after the tab was opened, ms", f"{seen['first']:.0f}"),
        ("all tiles and numbers of the first screen, ms", f"{seen['settled']:.0f}"),
        ("bytes until then, MB", f"{seen['opening_mb']:.1f}"),
        ("requests until then", seen["opening_requests"]),
        (f"step that is here, {seen['tiles']} tiles in view, p50 / p95 ms", both("prefetched")),
        (f"step that is not, {seen['tiles']} tiles in view, p50 / p95 ms", both("cold")),
        ("requests for a step that is here, at most", max(seen["prefetched_requests"], default="")),
        ("requests for a step that is not, at most", max(seen["cold_requests"], default="")),
        (f"opacity dragged, {seen['tiles']} tiles in view, frames a second", f"{seen['opacity']:.0f}"),
        (f"palette changed, {seen['tiles']} tiles in view, frames a second", f"{seen['palette']:.0f}"),
        ("renderer's own memory, empty tab / at first / after all steps, MB", " / ".join(map(str, seen["memory_mb"]))),
    ]
    tables.head(["page", ""])
    for row in rows:
        tables.row(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {"steps": 100, "examples": 16, "methods": 3, "runs": 5, "side": 32}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--logdir", type=Path, help="written if it does not exist, and kept")
    parser.add_argument("--loaders", nargs="*", choices=list(LOADERS), default=list(LOADERS))
    given = parser.parse_args()
    size = page_logs.Size(given.steps, given.examples, given.methods, given.runs, given.side)
    with tempfile.TemporaryDirectory() as temporary:
        logdir = given.logdir or Path(temporary) / "logs"
        if not logdir.exists():
            page_logs.write(logdir, size)
        written = sum(file.stat().st_size for file in logdir.rglob("*") if file.is_file())
        print(f"{size}: {written / 1e6:.0f} MB of event files")
        for loader in given.loaders:
            print(f"\n{loader}\n")
            server = TensorBoard(logdir, LOADERS[loader], size)
            try:
                seen = measure_page(server)
                ask_all(server, size)
                print()
                page_rows(seen)
                print()
                tables.head(["server", ""])
                tables.row(["answers after, s", f"{server.ready:.1f}"])
                tables.row(["has read everything after, s", f"{server.loaded:.1f}"])
                for process, resident in server.resident_mb().items():
                    tables.row([f"memory of {process}, MB", f"{resident:.0f}"])
            finally:
                server.stop()


if __name__ == "__main__":
    main()
