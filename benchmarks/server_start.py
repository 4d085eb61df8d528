"""Does the plugin make TensorBoard start later? Aim: at most 0.1 s.

    python -m benchmarks.server_start

TensorFlow is hidden, because TensorBoard itself imports it where it is installed, and the seconds that takes would
drown what is measured.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

STARTS = 9
AIM_SECONDS = 0.1

HIDE_TENSORFLOW = """
import importlib.abc, sys
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
"""
IMPORT = (
    HIDE_TENSORFLOW
    + """
import time
from tensorboard import default, main, program
from tensorboard.data import server_ingester
start = time.perf_counter()
from tb_attribution_plugin.backend import loader, plugin
print(time.perf_counter() - start)
"""
)
SERVE = (
    HIDE_TENSORFLOW
    + """
from tensorboard import default, program
plugins = default.get_static_plugins()
if {with_plugin}:
    from tb_attribution_plugin.backend.loader import Loader
    plugins.append(Loader)
server = program.TensorBoard(plugins)
server.configure(("tensorboard", "--logdir", {logdir!r}, "--host", "127.0.0.1", "--port", "{port}"))
server.main()
"""
)


def import_seconds() -> float:
    """What importing the backend takes in a process that has imported TensorBoard."""
    done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
    return float(done.stdout)


def ready_seconds(with_plugin: bool) -> float:
    """From the start of the process to the first answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as logdir:
        script = SERVE.format(with_plugin=with_plugin, logdir=logdir, port=port)
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
        try:
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/data/plugins_listing").close()
                    return time.perf_counter() - start
                except urllib.error.URLError:
                    if process.poll() is not None:
                        raise RuntimeError(f"tensorboard ended with {process.returncode}") from None
                    time.sleep(0.005)
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    # In turns, so that another program on the machine slows both alike.
    pairs = [(ready_seconds(False), ready_seconds(True)) for _ in range(STARTS)]
    without, with_plugin = (statistics.median(column) for column in zip(*pairs, strict=True))
    rows = [
        ("importing the backend after TensorBoard", statistics.median(import_seconds() for _ in range(STARTS))),
        ("TensorBoard ready, without the plugin", without),
        ("TensorBoard ready, with the plugin", with_plugin),
        (f"difference (aim: at most {AIM_SECONDS})", statistics.median(b - a for a, b in pairs)),
    ]
    print(f"| median of {STARTS} starts | s |\n|---|---|")
    for name, seconds in rows:
        print(f"| {name} | {seconds:.3f} |")


if __name__ == "__main__":
    main()
