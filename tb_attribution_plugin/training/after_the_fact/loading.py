"""Models and weights from files, and in words what does not fit."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import keras

from tb_attribution_plugin.training.environment import check_model
from tb_attribution_plugin.training.rejection import cause

Source = str | Callable[[], Any]


def model(source: Source) -> keras.Model:
    """The model that a file holds, that a function makes, or that `module:function` makes.

    Raises:
      ValueError: it cannot be loaded; names the file, the cause and what can be done.
      TypeError: it is no Keras model.
    """
    made = source() if callable(source) else _named(source) if _is_name(source) else _loaded(source)
    check_model(made)
    return made


def load_weights(model: keras.Model, path: str) -> None:
    """Puts the weights of a checkpoint (`.weights.h5`, `.keras`, `.h5`) into the model.

    Raises:
      ValueError: they do not fit the model, or the file is not whole; names it and what came first.
    """
    try:
        with _whatever_optimizer():
            model.load_weights(path)
    except Exception as error:
        raise ValueError(f"{path} does not fit the model {model.name!r}: {cause(error)}") from error


def _is_name(source: str) -> bool:
    module, _, function = source.partition(":")
    return function.isidentifier() and all(part.isidentifier() for part in module.split("."))


def _named(source: str) -> Any:
    module, _, function = source.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    return getattr(importlib.import_module(module), function)()


def _loaded(path: str) -> Any:
    try:
        with _whatever_optimizer():
            return keras.models.load_model(path)
    except Exception as error:
        raise ValueError(
            f"{path} cannot be loaded as a model: {cause(error)}. Where it needs code (custom layers, a Lambda), give "
            "a function without arguments that makes the model and compiles it: model=function from Python, --model "
            "module:function on the command line"
        ) from error


@contextlib.contextmanager
def _whatever_optimizer() -> Iterator[None]:
    """Keras warns of optimizers that do not fit, which are of no use here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
        yield
