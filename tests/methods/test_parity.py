"""The numbers of captum, grad-cam, shap and lime (tests/parity), or a written reason for every one of them."""

from __future__ import annotations

import collections
import dataclasses
import functools
import json
import pathlib
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.resolution import resolved
from tests.methods.parity_table import Compared, row
from tests.parity import build_keras

pytestmark = pytest.mark.once

PACK = pathlib.Path(__file__).parent.parent / "parity"
CASES = sorted(path.parent.name for path in PACK.glob("*/expected.json"))
KEYS = [(case, key) for case in CASES for key in json.loads((PACK / case / "expected.json").read_text())["keys"]]
COMPARED = [(case, key) for case, key in KEYS if isinstance(row(key), Compared)]


@functools.cache
def spec(case: str) -> dict[str, Any]:
    return json.loads((PACK / case / "expected.json").read_text())["keys"]


@functools.cache
def expected(case: str) -> dict[str, np.ndarray]:
    return dict(np.load(PACK / case / "expected.npz"))


def data(case: str, name: str) -> Any:
    """An array of the case, or a dict of arrays where it has several inputs."""
    arrays = np.load(PACK / case / "data.npz")
    if name in arrays:
        return arrays[name]
    return {key.partition("@")[2]: arrays[key] for key in arrays if key.startswith(name + "@")}


@functools.cache
def model(case: str, output: str) -> Any:
    """The case's model with one output, checked against the reference's own outputs."""
    built = build_keras.build(PACK / case, output=output)
    found = built.predict_on_batch(data(case, "x"))
    np.testing.assert_allclose(found, expected(case)[f"model_output_{output}"], atol=1e-5)
    return built


def test_every_key_has_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    missing = [f"{case}/{key}" for case, key in KEYS if row(key) is None]
    assert not missing
    reasons = collections.Counter(entry for _, key in KEYS if isinstance(entry := row(key), str))
    with capsys.disabled():  # every run says what is compared and what is not
        print(f"\nparity keys: {len(KEYS)}, compared: {len(COMPARED)}, with a reason: {sum(reasons.values())}")
        for reason, count in reasons.most_common():
            print(f"  {count:4d}  {reason}")


def output_of(case: str, key: str) -> str:
    target = spec(case)[key].get("target", "output 'f'")
    return target.split("'")[1] if "'" in target else "f"


def method_of(case: str, key: str) -> Any:
    entry = row(key)
    assert isinstance(entry, Compared)
    method: Any = entry.method
    return dataclasses.replace(method, **{field: data(case, name) for field, name in entry.arrays.items()})


@functools.cache
def attributions(case: str, output: str) -> dict[str, Any]:
    """Of all keys of one output, by key: one graph. The reference explains one column, as the model gives it."""
    inputs = tf.nest.map_structure(tf.constant, data(case, "x"))
    network = KerasModel(model(case, output), inputs)
    columns = data(case, "targets")
    target = targets.resolve(columns, network.heads, examples=len(columns), output="as_is")
    keys = [key for other, key in COMPARED if other == case and output_of(case, key) == output]
    jobs = {key: Job(resolved(method_of(case, key), network, inputs), target) for key in keys}
    return Compiled(network, inputs, jobs)().attributions


def whole_scores(segment_scores: np.ndarray, segments: Any) -> Any:
    """Every feature with the score of its segment."""
    return tf.nest.map_structure(lambda ids: segment_scores[:, ids[0]], segments)


@pytest.mark.parametrize(("case", "key"), COMPARED, ids=[f"{case}-{key}" for case, key in COMPARED])
def test_equals_the_reference(case: str, key: str) -> None:
    entry = row(key)
    assert isinstance(entry, Compared)
    attribution = attributions(case, output_of(case, key))[key]
    ours = entry.ours(attribution)
    if entry.whole:
        ours = whole_scores(attribution.segment_scores, data(case, entry.arrays["segments"]))
    _, _, part = key.partition("@")
    if part:
        ours = ours[part]  # type: ignore[index]
    if entry.rows:
        ours = ours[list(entry.rows)]  # type: ignore[index]
    reference = entry.expected(expected(case)[key])
    if entry.whole:
        ours = np.broadcast_to(ours, reference.shape)  # all channels
    np.testing.assert_allclose(ours, reference, atol=spec(case)[key]["atol"], rtol=spec(case)[key]["rtol"])
