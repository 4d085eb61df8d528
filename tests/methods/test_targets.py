from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.methods.targets import Contrast, Head, Output, Outputs

THREE = Head("classes", 3)
BINARY = Head("binary", 1)
LABELS = Head("labels", 3)
VALUE = Head("values", 1)
VALUES = Head("values", 2)
KIND, SIZE = Head("classes", 3, "kind"), Head("values", 1, "size")
NOTHING = Head("none", 0, "aux", "None")
# Example 0 prefers class 2, example 1 class 0.
LOGITS = np.array([[1.0, -2.0, 4.0], [3.0, 0.5, -1.0]], np.float32)
NAMES = ["ant", "bee", "cat"]


def outputs_of(logits: Any, returned: Any) -> Outputs:
    return Outputs(returned, tuple(tf.nest.flatten(returned)), tuple(tf.nest.flatten(logits)))


def explained(spec: Any, logits: Any = LOGITS, head: Any = THREE, returned: Any = None, **given: Any) -> np.ndarray:
    """Values [B] of a target; `returned` are the probabilities unless given."""
    outputs = outputs_of(logits, tf.nest.map_structure(tf.nn.softmax, logits) if returned is None else returned)
    examples = len(outputs.logits[0])
    found = targets.resolve(spec, head if isinstance(head, list) else [head], examples=examples, **given)
    return found.score(outputs, found.columns(outputs, tf.range(examples))).numpy()


def test_margin_is_the_logit_minus_the_mean_of_the_others() -> None:
    np.testing.assert_allclose(explained("label", labels=np.array([0, 2])), [1 - (-2 + 4) / 2, -1 - (3 + 0.5) / 2])


def test_margin_does_not_see_a_shift_of_all_logits() -> None:
    for shift in (5.0, -300.0, 1e4):
        np.testing.assert_allclose(explained(1, LOGITS + np.float32(shift)), explained(1), atol=2e-3)
    logits = tf.constant(LOGITS)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        target = targets.resolve(1, [THREE], examples=2)
        outputs = outputs_of(logits, logits)
        value = target.score(outputs, target.columns(outputs, tf.range(2)))
    # d margin / d logits = (-1/2, 1, -1/2): it sums to zero.
    np.testing.assert_allclose(tape.gradient(value, logits), [[-0.5, 1, -0.5]] * 2, atol=1e-6)


def test_two_classes_margin_is_the_log_odds_of_its_one_unit_twin() -> None:
    z = np.array([[1.5], [-0.25]], np.float32)
    two = np.concatenate([np.zeros_like(z), z], 1)
    for label in (0, 1):
        sign = 2 * label - 1
        np.testing.assert_allclose(explained(label, z, BINARY), sign * z[:, 0])
        np.testing.assert_allclose(explained(label, two, Head("classes", 2)), sign * z[:, 0])


@pytest.mark.parametrize(
    ("output", "expected"),
    [("margin", [-4.5, -0.5]), ("logits", [-2, 0.5]), ("as_is", [20, 50])],
)
def test_output_names_the_scalar(output: str, expected: list[float]) -> None:
    returned = np.array([[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]], np.float32)
    np.testing.assert_allclose(explained(1, returned=returned, output=output), expected, rtol=1e-6)
    scalar = {"margin": "margin", "logits": "logit", "as_is": "as_is"}[output]
    assert targets.resolve(1, [THREE], examples=2, output=output).scalar == scalar


def test_predicted_is_the_best_class_of_each_example() -> None:
    np.testing.assert_allclose(explained("predicted", output="logits"), [4, 3])
    np.testing.assert_allclose(explained(None, output="logits"), [4, 3])
    # One unit: class 1 where z > 0, else class 0, whose margin is -z.
    np.testing.assert_allclose(explained("predicted", np.array([[2.0], [-3.0]], np.float32), BINARY), [2, 3])


def test_a_name_a_column_and_a_list_name_the_same_thing() -> None:
    by_column = explained(2)
    np.testing.assert_array_equal(explained("cat", class_names=NAMES), by_column)
    np.testing.assert_array_equal(explained(np.int64(2)), by_column)
    np.testing.assert_array_equal(explained([2, 2]), by_column)
    np.testing.assert_allclose(explained([2, 1], output="logits"), [4, 0.5])
    assert targets.resolve(2, [THREE], examples=2, class_names=NAMES).name == "cat"
    assert targets.resolve(2, [THREE], examples=2).name == "2"


def test_contrast_is_a_difference_of_two_logits() -> None:
    np.testing.assert_allclose(explained(Contrast("cat", "ant"), class_names=NAMES), [3, -4])
    np.testing.assert_allclose(explained(Contrast(0, "label"), labels=np.array([1, 2])), [3, 4])
    assert targets.resolve(Contrast("cat", 0), [THREE], examples=2, class_names=NAMES).name == "cat - ant"
    assert targets.resolve(Contrast("cat", 0), [THREE], examples=2, class_names=NAMES).scalar == "contrast"


def test_runner_up_is_the_best_class_that_the_other_side_is_not() -> None:
    # Label 2 is the best of example 0, so its rival is class 0; example 1's label 2 has the best class as rival.
    np.testing.assert_allclose(explained(Contrast("label", "runner_up"), labels=np.array([2, 2])), [4 - 1, -1 - 3])
    np.testing.assert_allclose(explained(Contrast("predicted", "runner_up")), [4 - 1, 3 - 0.5])


def test_contrast_of_a_one_unit_head_is_its_twins() -> None:
    z = np.array([[1.5], [-0.25]], np.float32)
    np.testing.assert_allclose(explained(Contrast(1, 0), z, BINARY), z[:, 0])
    np.testing.assert_allclose(explained(Contrast(0, "runner_up"), z, BINARY), -z[:, 0])


def test_regression_explains_the_value() -> None:
    y = np.array([[2.0], [-7.0]], np.float32)
    for spec in (None, "label", "predicted"):
        np.testing.assert_array_equal(explained(spec, y, VALUE, y, labels=np.array([0.5, 99.0])), [2, -7])
    two = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    np.testing.assert_array_equal(explained(1, two, VALUES, two), [2, 4])
    assert targets.resolve(1, [VALUES], examples=2).scalar == "value"


def test_yes_no_columns_explain_their_own_logit() -> None:
    np.testing.assert_allclose(explained(1, head=LABELS), [-2, 0.5])
    assert targets.resolve(1, [LABELS], examples=2).scalar == "logit"


def test_a_callable_gets_the_outputs_as_the_model_returns_them() -> None:
    def spread(y: tf.Tensor) -> tf.Tensor:
        return tf.reduce_max(y, 1) - tf.reduce_min(y, 1)

    returned = np.array([[0.1, 0.2, 0.7], [0.5, 0.4, 0.1]], np.float32)
    np.testing.assert_allclose(explained(spread, returned=returned), [0.6, 0.4], atol=1e-6)
    found = targets.resolve(spread, [THREE], examples=2)
    assert (found.name, found.scalar) == ("spread", "function")


def test_one_of_several_outputs_by_name_or_position() -> None:
    logits = {"kind": LOGITS, "size": np.array([[5.0], [6.0]], np.float32)}
    heads = [Head("classes", 3, "kind"), Head("values", 1, "parts/size")]
    np.testing.assert_allclose(explained(Output("kind", 0), logits, heads, logits, output="logits"), [1, 3])
    np.testing.assert_allclose(explained(Output("parts/size", None), logits, heads, logits), [5, 6])
    both = [logits["kind"], logits["size"]]
    np.testing.assert_allclose(explained(Output(1, None), both, [THREE, VALUE], both), [5, 6])
    contrast = Output("kind", Contrast(2, 0))
    np.testing.assert_allclose(explained(contrast, logits, heads, logits), [3, -4])


def test_what_is_no_tensor_does_not_make_the_only_output_one_of_several() -> None:
    heads = [NOTHING, Head("classes", 3, "logits")]
    returned = {"aux": None, "logits": LOGITS}
    outputs = Outputs(returned, ((), LOGITS), ((), LOGITS))
    for spec in (1, Output("logits", 1), Output(1, 1)):
        found = targets.resolve(spec, heads, examples=2, output="logits")
        np.testing.assert_allclose(found.score(outputs, found.columns(outputs, tf.range(2))), LOGITS[:, 1])


def test_a_callable_gets_what_the_model_returns_and_its_mistakes_are_said_with_that() -> None:
    returned = {"logits": tf.constant(LOGITS), "temperature": 2.0, "aux": None}
    outputs = Outputs(returned, (), ())

    def of(function: Any) -> Any:
        return targets.resolve(function, [NOTHING], examples=2).score(outputs, ())

    np.testing.assert_allclose(of(lambda y: y["logits"][:, 0] / y["temperature"]), LOGITS[:, 0] / 2)
    shown = r"\{'logits': float32\(2, 3\), 'temperature': float, 'aux': None\}"
    with pytest.raises(ValueError, match=rf"target '<lambda>' fails on {shown}: KeyError: 'logit'"):
        of(lambda y: y["logit"])
    with pytest.raises(ValueError, match="target '<lambda>' must give a tensor, one number per example; it gave float"):
        of(lambda y: y["temperature"])


def test_columns_of_a_part_of_the_examples_are_theirs() -> None:
    """As chunks ask: rows 3 and 1 of four examples."""
    found = targets.resolve("label", [THREE], examples=4, labels=np.array([0, 1, 2, 2]))
    outputs = outputs_of(LOGITS, LOGITS)
    np.testing.assert_array_equal(found.columns(outputs, tf.constant([3, 1]))[0], [2, 1])


def test_predictions_of_every_head() -> None:
    def of(head: Head, logits: Any, spec: Any = 0) -> Any:
        target = targets.resolve(spec, [head], examples=len(logits))
        outputs = outputs_of(tf.constant(logits), tf.constant(logits))
        assert target.predictions is not None
        return target.predictions(outputs, target.columns(outputs, tf.range(len(logits))))

    np.testing.assert_allclose(of(THREE, LOGITS), tf.nn.softmax(LOGITS), rtol=1e-6)
    np.testing.assert_allclose(
        of(BINARY, np.array([[0.0], [np.log(3.0)]], np.float32)), [[0.5, 0.5], [0.25, 0.75]], rtol=1e-6
    )
    np.testing.assert_allclose(of(LABELS, np.zeros((1, 3), np.float32)), [[0.5] * 3])
    np.testing.assert_allclose(of(VALUE, np.array([[7.0]], np.float32)), [7.0])
    np.testing.assert_allclose(of(Head("values", 2), np.array([[7.0, 8.0]], np.float32), 1), [8.0])
    assert targets.resolve(lambda y: y[:, 0], [Head("other", 0)], examples=1).predictions is None


@pytest.mark.parametrize(
    ("spec", "head", "given", "words"),
    [
        (
            "label",
            THREE,
            {"labels": np.array([0, 3])},
            r"'label': example 1 has index 3, but .* 3 classes \(0 \.\. 2\)",
        ),
        ("label", THREE, {"labels": np.array([-1, 0])}, r"example 0 has index -1, but .* 3 classes"),
        ("label", BINARY, {"labels": np.array([1, 2])}, r"example 1 has index 2, but .* 2 classes \(0 \.\. 1\)"),
        (5, THREE, {}, r"example 0 has index 5, but .* 3 classes"),
        ([0, 7], THREE, {}, r"example 1 has index 7, but .* 3 classes"),
        ("label", THREE, {}, r"needs labels: pass Probe\(inputs, labels\), or target='predicted'"),
        ("label", THREE, {"labels": np.array([0.5, 1.0])}, r"one class index per example; .*float64"),
        ("label", THREE, {"labels": np.zeros((2, 3))}, r"labels have shape \(2, 3\)"),
        ("label", LABELS, {"labels": np.array([0, 1])}, r"3 independent yes/no columns .* pass target=<class"),
        (None, VALUES, {}, r"regression with 2 output columns needs a choice: pass target=<column>"),
        ("label", VALUES, {"labels": np.zeros(2)}, r"regression with 2 output columns"),
        ("bea", THREE, {"class_names": NAMES}, r"target 'bea' .* did you mean 'bee'\?"),
        ("lable", THREE, {}, r"did you mean 'label'\?"),
        ("zebra", THREE, {"class_names": NAMES}, r"class names: \['ant', 'bee', 'cat'\]"),
        (1.5, THREE, {}, r"target must be 'label', 'predicted', a class index .*got 1.5"),
        (True, THREE, {}, r"got True"),
        ([0, 1, 2], THREE, {}, r"one index per example \(here 2\)"),
        (
            0,
            Head("other", 0, what="float32(None, 2, 2)"),
            {},
            r"output 0 is float32\(None, 2, 2\), not \[batch, columns\].*pass a callable",
        ),
        (Contrast("runner_up", "runner_up"), THREE, {}, r"names no class; name one side"),
        (Contrast(1, 1), THREE, {}, r"Contrast\(1, 1\) compares a class with itself, whose scores are all 0; name two"),
        (Contrast("predicted", "predicted"), THREE, {}, r"compares a class with itself"),
        (Contrast(0, 1), VALUE, {}, r"Contrast compares classes; this output is a regression"),
        (Contrast("cat", "dog"), THREE, {"class_names": NAMES}, r"target 'dog'"),
        (
            0,
            [KIND, SIZE],
            {},
            r"several outputs \['kind', 'size'\]: pass target=tba.targets.Output\('kind', .*callable",
        ),
        (Output("c"), [KIND, SIZE], {}, r"no output 'c'; outputs: \['kind', 'size'\]"),
        (Output(""), [THREE, VALUE], {}, r"no output ''; outputs: \[0, 1\]"),
        (Output("aux"), [KIND, NOTHING], {}, r"output 'aux' is None, not \[batch, columns\].*pass a callable"),
        (0, [NOTHING], {}, r"the model returns None, and no tensor .* pass a callable .*target=lambda y: y.logits"),
        (0, [], {}, r"the model returns nothing, and no tensor"),
        (Output(2), [THREE, VALUE], {}, r"no output 2; outputs: \[0, 1\]"),
        (0, THREE, {"output": "prob"}, r"output must be one of margin, logits, as_is; got 'prob'"),
    ],
)
def test_errors_name_the_rule_the_value_and_the_choices(
    spec: Any, head: Any, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        targets.resolve(spec, head if isinstance(head, list) else [head], examples=2, **given)


@pytest.mark.parametrize("spec", [2**32, 2**70, np.array([0, 2**32]), np.array([0, 2**63], np.uint64), "label"])
def test_an_index_beyond_32_bits_is_refused(spec: Any) -> None:
    with pytest.raises(ValueError, match=r"has index \d{10,}, but the model's output has 3 classes"):
        explained(spec, labels=np.array([0.0, 2**32]))
