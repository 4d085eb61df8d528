"""One way of training, done with and without the callback: what must be the same, and what must be in the log."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import Saliency, targets
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tests.training import fits

# Builds a model, trains it with these callbacks and gives it back.
Train = Callable[[list[keras.callbacks.Callback]], keras.Model]


class Observer(keras.callbacks.Callback):
    """Notes what every batch and epoch reports, and the weights at every step."""

    def __init__(self) -> None:
        super().__init__()
        self.logs: list[tuple[str, int, dict[str, float]]] = []
        self.weights: dict[int, list[np.ndarray]] = {}
        self.batches = 0

    def on_train_begin(self, logs: Any = None) -> None:
        self._keep()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1
        self._note("batch", batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._note("epoch", epoch, logs)

    def _note(self, what: str, number: int, logs: Any) -> None:
        self.logs.append((what, number, {key: float(value) for key, value in (logs or {}).items()}))
        self._keep()

    def _keep(self) -> None:
        self.weights[self.step] = self.model.get_weights()

    @property
    def step(self) -> int:
        return iterations(self.model)


def iterations(model: keras.Model) -> int:
    """Of the optimizer inside where a loss scale is around it: older versions of Keras count only there."""
    return int(getattr(model.optimizer, "inner_optimizer", model.optimizer).iterations)


class Batchwise(Observer):
    """Where no optimizer of the model counts."""

    @property
    def step(self) -> int:
        return self.batches


@dataclasses.dataclass
class Outcome:
    """All that training leaves behind."""

    logs: list[tuple[str, int, dict[str, float]]]
    variables: dict[str, np.ndarray]
    streams: dict[str, Any]


def assert_the_same(
    train: Train, guests: Iterable[keras.callbacks.Callback], observe: type[Observer] = Observer
) -> tuple[keras.Model, Observer]:
    """Trains without and with the guests; every bit that training leaves must be the same.

    Returns:
      The model that was trained with the guests, and what was seen of that fit. The guests ran before it looked.
    """
    alone, _, _ = _outcome(train, [], observe)
    accompanied, model, observer = _outcome(train, list(guests), observe)
    assert accompanied.logs == alone.logs
    assert alone.logs, "nothing was trained"
    assert accompanied.streams == alone.streams
    assert accompanied.variables.keys() == alone.variables.keys()
    for name, expected in alone.variables.items():
        np.testing.assert_array_equal(accompanied.variables[name], expected, err_msg=name)
    return model, observer


def assert_maps_are_of_the_weights(
    log_dir: Path,
    model: keras.Model,
    observer: Observer,
    steps: Iterable[int],
    probe: tuple[np.ndarray, np.ndarray] | None = None,
) -> None:
    """Compares logged maps with those of the weights that were seen at that step."""
    assert_maps_are_of(log_dir, model, {step: observer.weights[step] for step in steps}, probe)


def assert_maps_are_of(
    log_dir: Path,
    model: keras.Model,
    weights: Mapping[int, list[np.ndarray]],
    probe: tuple[np.ndarray, np.ndarray] | None = None,
) -> None:
    """Of weights by step."""
    x, y = fits.table()
    inputs, labels = (x[: fits.EXAMPLES], y[: fits.EXAMPLES]) if probe is None else probe
    series = fits.run(log_dir).series["saliency"]
    previous = explain = None
    for step, of_step in weights.items():
        model.set_weights(of_step)
        explain = explain or _saliency(model, inputs, labels)
        expected = explain().attributions["it"].scores
        found = series.maps(step).scores[0].reshape(expected.shape)
        np.testing.assert_allclose(found, expected, atol=1e-6 * max(1.0, np.abs(expected).max()))
        assert previous is None or np.abs(found - previous).max() > 1e-4, "the maps of two steps do not differ"
        previous = found


def _saliency(model: keras.Model, inputs: np.ndarray, labels: np.ndarray) -> Compiled:
    """As `tba.explain`, but traced once."""
    tensors = tf.constant(inputs)
    network = KerasModel(model, tensors)
    target = targets.resolve(labels, network.heads, examples=len(labels))
    return Compiled(network, tensors, {"it": Job(Saliency(), target)})


def _outcome(
    train: Train, guests: list[keras.callbacks.Callback], observe: type[Observer]
) -> tuple[Outcome, keras.Model, Observer]:
    keras.utils.clear_session()  # automatic names begin again
    keras.utils.set_random_seed(11)
    tf.random.set_global_generator(tf.random.Generator.from_seed(11))
    observer = observe()
    model = train([*guests, observer])
    outcome = Outcome(observer.logs, dict(_variables(model)), streams())
    return outcome, model, observer


def _variables(model: keras.Model) -> Iterable[tuple[str, np.ndarray]]:
    optimizers = {id(one): one for one in vars(model).values() if isinstance(one, keras.optimizers.Optimizer)}
    owned = [("model", model.variables), *((f"optimizer {n}", o.variables) for n, o in enumerate(optimizers.values()))]
    for owner, variables in owned:
        for number, variable in enumerate(variables):
            yield f"{owner} {number} {variable.path}", variable.numpy()


def streams() -> dict[str, Any]:
    """The next numbers of every random stream."""
    return {
        "Python": random.random(),
        "NumPy": np.random.random(),  # noqa: NPY002 - the global stream is what is watched
        "TensorFlow": float(tf.random.uniform(())),
        "TensorFlow generator": int(tf.random.get_global_generator().uniform_full_int(())),
        "Keras": float(keras.random.uniform(())),
        "names": keras.layers.Identity().name,
    }
