"""When rounds are logged, at what cost, and what a log of trees does not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_attribution_plugin import Probe
from tb_attribution_plugin.integrations import pace, rounds
from tb_attribution_plugin.integrations.ensemble import Explained, closed
from tb_attribution_plugin.integrations.rounds import Options, Rounds
from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.integrations.target import Head
from tb_attribution_plugin.logging.reader import StoredRun, read_runs

ROOT = Path(__file__).resolve().parents[2]
X = np.arange(12.0).reshape(4, 3)


class Clock:
    """Time that passes only where it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class Slow:
    """An explainer whose answer takes so many seconds; column c of round n has c * n."""

    def __init__(self, clock: Clock, seconds: float, probe: Any = X) -> None:
        self.head = Head("values", 1)
        self.table = Table.of(probe)
        self._clock, self._seconds = clock, seconds

    def __call__(self, model: Any, number: int) -> Explained:
        self._clock.now += self._seconds
        scores = np.tile(np.arange(3.0)[None, :, None] * number, (4, 1, 1))
        return Explained(scores, np.zeros(1), scores.sum(axis=1), scores.sum(axis=(1, 2)))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(pace, "time", one)
    monkeypatch.setattr(rounds, "time", one)
    return one


def options(path: Path, **changed: Any) -> Options:
    given = {
        "log_dir": path,
        "target": "label",
        "feature_perturbation": "path_dependent",
        "update_freq": 1,
        "max_overhead": 0.05,
        "max_bytes": None,
        "on_error": "raise",
        "name": "attribution",
    }
    return Options(**(given | changed))


def logged(path: Path) -> StoredRun:
    return read_runs(str(path))["attribution"]


@pytest.mark.parametrize(("seconds", "overhead"), [(2.0, 0.05), (2.0, None), (0.01, 0.05)])
def test_attribution_takes_its_share_of_the_time_of_training(
    tmp_path: Path, clock: Clock, seconds: float, overhead: float | None
):
    log = Rounds(Slow(clock, seconds), options(tmp_path, max_overhead=overhead), start=0)
    for number in range(1, 301):
        clock.now += 1.0  # a round of training
        log.ended(None, number, {})
    log.close()
    steps = logged(tmp_path).series["tree_shap"].steps
    if overhead is None or seconds < 1:
        assert steps == list(range(1, 301))
    else:
        # The first is free; later ones of 2 s each fit in the larger of 10 s and 5% of 300 s.
        assert (len(steps) - 1) * seconds <= max(10.0, overhead * 300.0)
        # Then a log per 40 rounds is paid for: the schedule is thinned to every 64th of its entries.
        assert [step for step in steps if step > 10] == [256]


def test_the_metrics_of_training_are_logged_where_the_maps_are(tmp_path: Path, clock: Clock):
    log = Rounds(Slow(clock, 0.0), options(tmp_path, update_freq="auto"), start=0)
    for number in range(1, 7):
        log.ended(None, number, {"valid_loss": 1 / number})
    log.close(None, 6)
    points = logged(tmp_path).scalars["fit/valid_loss"]
    assert [(point.step, point.value) for point in points] == [(1, 1.0), (2, 0.5), (4, 0.25)]


def test_the_last_round_is_an_entry_too(tmp_path: Path, clock: Clock):
    log = Rounds(Slow(clock, 0.0), options(tmp_path, update_freq="auto"), start=0)
    for number in range(1, 7):
        log.ended("model", number, {})
    log.close("model", 6)
    assert logged(tmp_path).series["tree_shap"].steps == [1, 2, 4, 6]


def test_the_log_never_exceeds_max_bytes(tmp_path: Path, clock: Clock):
    log = Rounds(Slow(clock, 0.0), options(tmp_path, max_bytes=20_000), start=0)
    for number in range(1, 301):
        log.ended(None, number, {"loss": 1.0})
    log.close()
    assert 3 < len(logged(tmp_path).series["tree_shap"].steps) < 300
    assert sum(file.stat().st_size for file in (tmp_path / "attribution").iterdir()) <= 20_000


def test_a_log_that_cannot_be_declared_gives_its_directory_back(tmp_path: Path, clock: Clock):
    for _ in range(2):
        with pytest.raises(ValueError, match="must be printable text"):
            Rounds(Slow(clock, 0.0), options(tmp_path, target={'a"b': "label"}), start=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("perturbation", "words"),
    [("path_dependent", "absent columns go both ways"), ("interventional", "2 background rows")],
)
def test_the_log_says_what_an_absent_column_is(tmp_path: Path, clock: Clock, perturbation: str, words: str):
    explainer = Slow(clock, 0.0)
    explainer.table = Table.of(X, X[:2])
    log = Rounds(explainer, options(tmp_path, feature_perturbation=perturbation), start=0)
    log.ended(None, 1, {})
    log.close()
    (probe,) = logged(tmp_path).probes.values()
    assert words in probe.baseline


def test_regions_of_columns_become_curves(tmp_path: Path, clock: Clock):
    probe = Probe(X, feature_names=["id", "age", "size"], regions={"leak": ["size"]})
    log = Rounds(Slow(clock, 0.0, probe), options(tmp_path), start=0)
    log.ended(None, 1, {})
    log.close()
    (point,) = logged(tmp_path).scalars["region/tree_shap/leak"]
    assert point.value == pytest.approx(2 / 3)


def test_contributions_that_do_not_add_up_are_not_shown():
    found = Explained(np.ones((2, 3, 1)), np.zeros(1), np.array([[3.0], [3.1]]), np.zeros(2))
    with pytest.raises(ValueError, match="contributions of row 1 miss the model's output by"):
        closed(found)
    with pytest.raises(ValueError, match="miss the model's output by nan"):
        closed(found._replace(outputs=found.outputs * np.nan))


def modules_after(statement: str) -> set[str]:
    script = f"import sys\n{statement}\nprint(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_integrations_loads_no_framework():
    loaded = modules_after("import tb_attribution_plugin as tba; tba.integrations")
    assert loaded & {"xgboost", "lightgbm", "sklearn", "pandas", "torch", "tensorflow", "shap", "numpy"} == set()


def test_a_log_of_xgboost_needs_neither_tensorflow_nor_shap(tmp_path: Path):
    loaded = modules_after(
        "import numpy as np, xgboost, tb_attribution_plugin as tba\n"
        "x = np.random.default_rng(0).normal(size=(50, 3)); y = (x[:, 0] > 0).astype(int)\n"
        f"log = tba.integrations.xgboost.AttributionCallback({str(tmp_path)!r}, (x[:4], y[:4]), on_error='raise')\n"
        "xgboost.train({'objective': 'binary:logistic', 'nthread': 1}, xgboost.DMatrix(x, y), 4, callbacks=[log])"
    )
    assert "xgboost" in loaded
    assert loaded & {"tensorflow", "keras", "torch", "shap", "lightgbm"} == set()
    assert logged(tmp_path).series["tree_shap"].steps == [1, 2, 4]


@pytest.mark.parametrize(
    ("module", "package", "install"),
    [("xgboost", "xgboost", "xgboost"), ("lightgbm", "lightgbm", "lightgbm"), ("sklearn", "sklearn", "scikit-learn")],
)
def test_a_framework_that_is_missing_is_named_with_what_to_install(module: str, package: str, install: str):
    script = (
        f"import sys; sys.modules[{package!r}] = None\nimport tb_attribution_plugin as tba\ntba.integrations.{module}"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    wanted = f"ImportError: tba.integrations.{module} needs {install}: pip install {install}"
    assert done.stderr.splitlines()[-1] == wanted
