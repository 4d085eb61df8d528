"""A real `tensorboard` process on a free port."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

_START_SECONDS = 60
# Only a server that hangs takes longer: of 300,000 steps TensorBoard takes a minute where a machine is busy.
_ANSWER_SECONDS = 600
_WITHOUT_TENSORFLOW = Path(__file__).parent / "without_tensorflow"


class Answer(NamedTuple):
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json["error"]


def printed_address(server: subprocess.Popen[bytes], log: Path, seconds: float = _START_SECONDS) -> str:
    """Where a `tensorboard --port 0` is, as it prints in `log` once it has taken a port; without a slash at the end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for word in log.read_text(errors="replace").split():
            if word.startswith("http://127.0.0.1:") and word.endswith("/"):
                return word.rstrip("/")
        assert server.poll() is None, f"tensorboard ended with {server.returncode}:\n{log.read_text(errors='replace')}"
        time.sleep(0.1)
    raise AssertionError(f"tensorboard printed no address in {seconds} s:\n{log.read_text(errors='replace')}")


class Server:
    """`tensorboard` over `logdir`; stopped by `stop`.

    TensorFlow is hidden from it: TensorBoard would import it for itself, which takes seconds, and our side must do
    without it.
    """

    def __init__(self, logdir: Path, load_fast: str, *flags: str, log: Path, prefix: str = "") -> None:
        command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir), "--port", "0"]
        command += ["--host", "127.0.0.1", f"--load_fast={load_fast}", "--reload_interval=1", *flags]
        if prefix:
            command += ["--path_prefix", prefix]
        self.log = log
        path = [str(_WITHOUT_TENSORFLOW), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
        with log.open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            self.root = printed_address(self._process, log)
            self._wait(lambda: self.get_url(f"{self.root}/data/plugins_listing").status == 200)
        except BaseException:
            self.stop()
            raise

    def get(self, route: str, headers: dict[str, str] | None = None, method: str = "GET", **query: object) -> Answer:
        """Our own route."""
        text = urllib.parse.urlencode(query)
        url = f"{self.root}/data/plugin/attribution/{route}" + (f"?{text}" if text else "")
        return self.get_url(url, headers, method)

    def get_url(self, url: str, headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
        request = urllib.request.Request(url, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def wait_for(self, holds: Callable[[Any], bool], seconds: float = _START_SECONDS) -> None:
        """Until the index, as JSON, is as wanted: TensorBoard reads event files in the background."""
        self._wait(lambda: holds(self.get("index").json), seconds)

    def _wait(self, holds: Callable[[], bool], seconds: float = _START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                if holds():
                    return
            except (OSError, LookupError):  # not there yet
                pass
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"tensorboard did not get there:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.1)

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
