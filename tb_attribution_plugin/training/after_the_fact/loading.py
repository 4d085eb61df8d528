"""Models and weights from files, and in words what does not fit."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.training.after_the_fact.checkpoints import check_there, is_code, is_saved_model
from tb_attribution_plugin.training.after_the_fact.leftover import leftover
from tb_attribution_plugin.training.environment import check_model
from tb_attribution_plugin.training.rejection import cause

# Of `model.export`, and of `tf.saved_model.save`.
_ENDPOINTS = ("serve", "serving_default")
_CODE = (
    "give a function without arguments that makes the model and compiles it: model=function from Python, --model "
    "module:function on the command line"
)


def model(source: str | Callable[[], Any], probe: Probe) -> keras.Model:
    """The model that a file or a SavedModel holds, that a function makes, or that `module:function` makes.

    Raises:
      ValueError: it cannot be loaded; names the file, the cause and what can be done.
      TypeError: it is no Keras model.
    """
    if callable(source):
        made = source()
    elif is_code(source):
        made = _named(*source.split(":"))
    else:
        made = _saved(source, probe) if is_saved_model(source) else _loaded(source)
    check_model(made)
    return made


def load_weights(model: keras.Model, path: str) -> None:
    """Puts the weights of a checkpoint (`.weights.h5`, `.keras`, `.h5`) into the model.

    Raises:
      ValueError: they do not fit the model, the file is not whole, or holds weights that the model has no place for;
        names it and what came first.
    """
    try:
        # h5py holds the interpreter while a file system does not answer: nothing could end this process meanwhile.
        with open(path, "rb"):
            pass
        with _whatever_optimizer():
            model.load_weights(path)
    except Exception as error:
        raise ValueError(f"does not fit the model {model.name!r}: {_first_misfit(error)}") from error
    if unknown := leftover(model, path):
        raise ValueError(
            f"does not fit the model {model.name!r}, which has no layer for the weights of {', '.join(unknown)} "
            "(named as in the file)"
        )


def _first_misfit(error: Exception) -> str:
    """Keras says how many layers do not fit, and then of one of them why."""
    _, found, rest = str(error).partition("Example error message for object ")
    layer, _, why = rest.partition(":\n")
    lines = [line.strip() for line in why.splitlines() if line.strip()]
    # What follows are the values.
    return f"{layer}: {lines[0].partition('Target variable:')[0].strip()}" if found and lines else _why(error)


def _why(error: BaseException) -> str:
    """What Keras says of a class that it does not know is at the end of a long chain."""
    text = str(error)
    unknown = re.search(r"Could not locate (?:class|function) '[^']*'", text)
    if unknown:
        return unknown[0]
    return text.splitlines()[0] if text.startswith("File ") else cause(Exception(text))


def _named(module: str, function: str) -> Any:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return getattr(importlib.import_module(module), function)()
    except Exception as error:
        raise ValueError(f"--model {module}:{function} makes no model: {type(error).__name__}: {error}") from error


def _loaded(path: str) -> Any:
    check_there(path)
    try:
        with _whatever_optimizer():
            return keras.models.load_model(path)
    except Exception as error:
        chain = [error, error.__cause__, error.__context__]
        known = next((one for one in chain if one is not None and "Could not locate" in str(one)), error)
        why = _why(known).rstrip(".")
        raise ValueError(f"{path} cannot be loaded as a model: {why}. Where it needs code, {_CODE}") from error


def _saved(path: str, probe: Probe) -> keras.Model:
    """A SavedModel behind a layer; what is inside cannot be looked at, gradients pass."""
    inputs = tf.nest.map_structure(lambda array: keras.Input(array.shape[1:], dtype=array.dtype.name), probe.inputs)
    for endpoint in _ENDPOINTS:
        try:
            layer = keras.layers.TFSMLayer(path, call_endpoint=endpoint)
            return keras.Model(inputs, layer(inputs))
        except Exception as error:
            last = error
    raise ValueError(
        f"{path} is a SavedModel that cannot be called with the probe: {cause(last)}. Make it by model.export, or "
        f"{_CODE}"
    ) from last


@contextlib.contextmanager
def _whatever_optimizer() -> Iterator[None]:
    """Keras warns of optimizers that do not fit, which are of no use here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
        yield
