"""A plain callable, of whatever library or service, behind the seam of `methods.contract`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import contract, targets
from tb_attribution_plugin.methods.network import Function, Layers, Run
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training.compiled import Job
from tb_attribution_plugin.training.progress import Progress
from tb_attribution_plugin.training.python_inputs import check_inputs, of_dtype
from tb_attribution_plugin.training.python_outputs import Array, arrays_of, check_same, heads_of

_ROWS = 4096  # with 1024, the methods take several times what a linear model takes
_BYTES = 2**24  # of the inputs of one call; what the callable needs for them is not known, and is more


class PythonModel(Function):
    """Calls a callable with batches of NumPy arrays, one at a time; of its outputs nothing is looked through.

    A batch has the structure of the inputs and the dtypes in which the user gave them. There are no gradients and no
    layers.

    Attributes:
      heads: of all that it returns; told by the values for the first example.
      batch_size: rows per call.
      progress: where the rows of each call are reported.
    """

    def __init__(
        self, function: Callable[[Any], Any], inputs: Structure, dtypes: Structure, batch_size: int | None = None
    ) -> None:
        """Args:
          inputs: of all examples.
          dtypes: those that the callable is to get, in the structure of the inputs.
          batch_size: at most this many rows per call; None is 4096, or as many as hold 16 MiB of inputs.

        Raises:
          TypeError, ValueError: the inputs are no numbers, or the callable does not return outputs by row.
          RuntimeError: the callable raises.
        """
        flat = tf.nest.flatten(inputs)
        check_inputs(flat)
        self._inputs, self._dtypes = inputs, tf.nest.flatten(dtypes)
        pairs = zip(flat, self._dtypes, strict=True)
        of_row = sum(dtype.itemsize * tensor[0].shape.num_elements() for tensor, dtype in pairs)
        super().__init__(function, batch_size or max(1, min(_ROWS, _BYTES // max(1, of_row))))
        self.progress: Progress | None = None
        self._name = name_of(function)
        self._rows = 0
        self.failure: tuple[RuntimeError, Exception] | None = None  # of the callable, and its cause
        self._lock = threading.Lock()  # a graph runs two calls at a time where neither needs the other
        self._first = self._called([tensor[:1].numpy().astype(np.float32) for tensor in flat])
        self.heads = heads_of(self._first)

    def unrolled(self) -> NoReturn:
        """Nothing in it can be followed back."""
        self._no_gradients()

    def run(self, inputs: Structure, features: Structure, taps: tuple[str, ...], replaced: Layers) -> Run:
        first, flat = tf.nest.flatten(self._first), tf.nest.flatten(features)
        # Of one output it gives, eagerly, no list.
        found = tf.nest.flatten(tf.numpy_function(self._checked, flat, [array.dtype for array in first]))
        for one, array in zip(found, first, strict=True):
            one.set_shape((*flat[0].shape[:1], *array.shape[1:]))

        # Around the results and not the call, whose own variables, where it has some, are none of ours.
        @tf.custom_gradient
        def outputs(*features: tf.Tensor) -> tuple[list[tf.Tensor], Callable[..., NoReturn]]:
            return [tf.identity(one) for one in found], self._no_gradients

        tensors = tuple(outputs(*flat))
        return Run(targets.Outputs(tf.nest.pack_sequence_as(self._first, tensors), tensors, tensors), {})

    def _checked(self, *features: Array) -> list[Array]:
        with self._lock:
            returned = self._called(list(features))
        try:
            check_same(returned, self._first)
        except ValueError as error:
            raise ValueError(f"model {self._name!r} {error}") from None
        return tf.nest.flatten(returned)

    def _called(self, features: list[Array]) -> Any:
        """The callable's answer for a batch, checked: NumPy arrays in its structure."""
        pairs = zip(features, self._dtypes, strict=True)
        batch = tf.nest.pack_sequence_as(self._inputs, [of_dtype(feature, dtype) for feature, dtype in pairs])
        rows = len(features[0])
        try:
            with tf.device(None):  # a callable of TensorFlow's is not held to the host as the method is
                returned = self._function(batch)
        except Exception as error:
            given = ", ".join(f"{one.dtype.name}{list(one.shape)}" for one in tf.nest.flatten(batch))
            told = RuntimeError(
                f"model {self._name!r} fails on rows {self._rows} to {self._rows + rows - 1} of those it was asked "
                f"for, given as {given}: {type(error).__name__}: {error}{_fix(error)}"
            )
            self.failure = told, error
            raise told from error
        try:
            found = arrays_of(returned, rows)
        except ValueError as error:
            raise ValueError(f"model {self._name!r} {error}") from error.__cause__
        self._rows += rows
        if self.progress is not None:
            self.progress.add(rows)
        return found

    def _no_gradients(self, *upstream: tf.Tensor) -> NoReturn:
        raise ValueError(
            f"model {self._name!r} is a plain callable and has no gradients: use a method that needs none, such as "
            "KernelSHAP, LIME or Occlusion, or explain a Keras model"
        )


def explained(network: PythonModel, inputs: Structure, job: Job) -> Attribution:
    """What a method finds, NumPy.

    It runs eagerly, so that the callable stays in the thread of whoever asked: torch.no_grad() holds there, an
    interrupt arrives, and its exceptions come through. It is traced all the same, without a call of the callable: a
    method that needs gradients is refused before a slow model has worked for it.
    """

    def attribution() -> Attribution:
        return job.method(contract.Model(network, job.target), inputs)

    # The callable takes what is in the memory of the host.
    with tf.device("CPU"):
        tf.function(attribution, autograph=False).get_concrete_function()
        with Progress(job.method.name, job.method.cost() * len(tf.nest.flatten(inputs)[0])) as network.progress:
            try:
                found = attribution()
            except Exception:
                if network.failure is None:
                    raise
                failure, why = network.failure
                raise failure from why  # on its way through TensorFlow it has lost its cause
    return tf.nest.map_structure(lambda tensor: None if tensor is None else tensor.numpy(), found)


def name_of(function: Callable[[Any], Any]) -> str:
    """ "RandomForestClassifier.predict_proba", also where a base class defines it."""
    name = getattr(function, "__name__", type(function).__name__)
    owner = getattr(function, "__self__", None)
    return name if owner is None else f"{type(owner).__name__}.{name}"


def _fix(error: Exception) -> str:
    short = isinstance(error, MemoryError) or "out of memory" in str(error).lower()
    return "; pass a smaller batch_size" if short else ""
