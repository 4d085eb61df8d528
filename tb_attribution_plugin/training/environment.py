"""Where a model lives and trains: the Keras backend, and the distribution strategy."""

from __future__ import annotations

from typing import Any

import keras


def check_backend() -> None:
    """Raises:
    TypeError: Keras runs on another backend than TensorFlow.
    """
    if keras.backend.backend() != "tensorflow":
        raise TypeError(
            f"attribution needs Keras on the TensorFlow backend; this process runs {keras.backend.backend()!r}. "
            "Set KERAS_BACKEND=tensorflow before importing keras"
        )


def check_model(model: Any) -> None:
    """Raises:
    TypeError: not a Keras 3 model on the TensorFlow backend.
    """
    if isinstance(model, keras.Model):
        check_backend()
        return
    if type(model).__module__.startswith("tf_keras"):
        raise TypeError("this is a legacy tf_keras (Keras 2) model; attribution needs Keras 3: build it with `keras`")
    raise TypeError(f"model must be a keras.Model; got {type(model).__module__}.{type(model).__name__}")


def logs_here(model: keras.Model) -> bool:
    """Whether this process explains and logs: of several workers only the chief does, and it needs none of the others.

    Raises:
      TypeError: a strategy that keeps the variables where they cannot be explained; says what can be done.
    """
    strategy = model.distribute_strategy
    kinds = [kind.__name__ for kind in type(strategy).__mro__]
    for refused in ("TPUStrategy", "ParameterServerStrategy"):
        if any(kind.startswith(refused) for kind in kinds):
            raise TypeError(
                f"attribution does not run under tf.distribute.{refused}: train without the callback, and explain "
                "saved weights with tba.explain in a model that is built outside of the strategy"
            )
    return bool(strategy.extended.should_save_summary)
