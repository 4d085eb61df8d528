"""Stratified probes from real tf.data pipelines."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.probe import Probe

tf = pytest.importorskip("tensorflow")

COUNT = 60
X = np.arange(COUNT * 4 * 4, dtype=np.float32).reshape(COUNT, 4, 4, 1)
Y = (7 * np.arange(COUNT)) % 3


def first_pixels(probe: Probe) -> list[int]:
    return [int(value) // 16 for value in probe.arrays[0].reshape(probe.size, -1)[:, 0]]


def counted(dataset: tf.data.Dataset) -> tuple[tf.data.Dataset, list[int]]:
    """The dataset, and a list that grows by every element that is really read."""
    seen: list[int] = []

    def note(y: np.ndarray) -> np.ndarray:
        seen.append(1)
        return y

    def through(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        z = tf.numpy_function(note, [y], y.dtype)
        z.set_shape(y.shape)
        return x, z

    return dataset.map(through), seen


@pytest.mark.parametrize("batch", [0, 1, 7, 60])
@pytest.mark.parametrize("drop", [False, True])
def test_batched_or_not_is_the_same_probe(batch, drop):
    dataset = tf.data.Dataset.from_tensor_slices((X, Y))
    if batch:
        dataset = dataset.batch(batch, drop_remainder=drop and COUNT % batch == 0)
    probe = Probe.from_dataset(dataset, per_class=2, seed=3)
    assert probe.hash == Probe.from_dataset((X, Y), per_class=2, seed=3).hash
    np.testing.assert_array_equal(Y[first_pixels(probe)], [0, 0, 1, 1, 2, 2])


@pytest.mark.parametrize("batch", [0, 5])
def test_one_hot_labels_tell_the_number_of_classes(batch):
    dataset = tf.data.Dataset.from_tensor_slices((X, np.eye(3, dtype=np.float32)[Y]))
    dataset, seen = counted(dataset.batch(batch) if batch else dataset)
    probe = Probe.from_dataset(dataset, per_class=2)
    assert probe.labels.tolist() == [0, 0, 1, 1, 2, 2]
    # Classes 0, 1, 2, 0, 1, 2 ...: six examples fill all three.
    assert first_pixels(probe) == [0, 3, 1, 4, 2, 5]
    assert probe.selection == "6 of 6 examples, 3 classes, up to 2 each; all 3 classes were full"
    assert len(seen) < (12 if batch else 60)


def test_images_as_high_as_there_are_classes_are_examples_not_a_batch():
    labels = np.eye(4, dtype=np.float32)[np.arange(COUNT) % 4]
    probe = Probe.from_dataset(tf.data.Dataset.from_tensor_slices((X, labels)), per_class=1)
    assert first_pixels(probe) == [0, 1, 2, 3]
    fixed = tf.data.Dataset.from_tensor_slices((X, np.arange(COUNT) % 4)).batch(4, drop_remainder=True)
    assert Probe.from_dataset(fixed, per_class=1).inputs.shape == (4, 4, 4, 1)


def test_ten_columns_with_ten_classes_are_examples_not_a_batch():
    rows = np.arange(400, dtype=np.float32).reshape(40, 10)
    labels = np.eye(10, dtype=np.float32)[np.arange(40) % 10]
    probe = Probe.from_dataset(tf.data.Dataset.from_tensor_slices((rows, labels)), per_class=1)
    assert probe.inputs.shape == (10, 10)
    assert probe.labels.tolist() == list(range(10))


def test_class_names_end_the_scan_too():
    dataset, seen = counted(tf.data.Dataset.from_tensor_slices((X, Y)))
    probe = Probe.from_dataset(dataset, per_class=1, class_names=["a", "b", "c"])
    assert probe.class_names == ("a", "b", "c")
    assert first_pixels(probe) == [0, 1, 2]
    assert len(seen) < COUNT


def test_names_that_the_dataset_carries_are_used():
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)
    dataset.class_names = ["a", "b", "c"]
    assert Probe.from_dataset(dataset).class_names == ("a", "b", "c")


def test_an_endless_dataset_ends_at_the_limit():
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).repeat().batch(16)
    probe = Probe.from_dataset(dataset, per_class=2, scan=500)
    assert probe.selection == "6 of 500 examples, 3 classes, up to 2 each; the limit scan=500 was reached"


def test_a_class_that_never_comes_is_said():
    dataset = tf.data.Dataset.from_tensor_slices((X, np.eye(4, dtype=np.float32)[Y]))
    with pytest.warns(UserWarning, match="1 classes have no example"):
        Probe.from_dataset(dataset, per_class=2)


def test_several_inputs_keep_their_names():
    dataset = tf.data.Dataset.from_tensor_slices(({"a": X, "b": X[:, 0, :, 0]}, Y)).batch(4)
    probe = Probe.from_dataset(dataset, per_class=1)
    assert probe.input_names == ("a", "b")
    np.testing.assert_array_equal(probe.inputs["a"][:, 0, :, 0], probe.inputs["b"])


def test_text_comes_as_text():
    dataset = tf.data.Dataset.from_tensor_slices((np.array(["größte", "b", "c", "d"]), [0, 1, 0, 1])).batch(2)
    assert Probe.from_dataset(dataset, per_class=1, class_names=["x", "y"]).inputs.tolist() == ["größte", "b"]


def test_a_dataset_without_labels_is_refused():
    with pytest.raises(ValueError, match=r"needs elements \(x, y\)"):
        Probe.from_dataset(tf.data.Dataset.from_tensor_slices(X))


def test_a_dataset_as_inputs_names_from_dataset():
    with pytest.raises(TypeError, match=r"build a probe: Probe\.from_dataset\(ds\)"):
        Probe(tf.data.Dataset.from_tensor_slices(X))


def test_tensors_are_inputs():
    probe = Probe(tf.constant(X), tf.constant(Y))
    np.testing.assert_array_equal(probe.inputs, X)
    assert Probe(tf.cast(X, tf.bfloat16)).inputs.dtype == np.float32
    assert Probe(tf.constant(["a", "b"])).inputs.tolist() == ["a", "b"]
    with pytest.raises(TypeError, match=r"pad them to one, as in x\.to_tensor\(\)"):
        Probe(tf.ragged.constant([[1, 2], [3]]))
