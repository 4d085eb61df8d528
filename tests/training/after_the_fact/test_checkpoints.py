"""Which step a checkpoint is of."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest

from tb_attribution_plugin.training.after_the_fact.checkpoints import checkpoints
from tests.training import fits


def steps(root: Path, *names: str, **options) -> dict[str, int]:
    for name in names:
        (root / name).touch()
    return {Path(one.path).name: one.step for one in checkpoints(str(root / "*"), **options)}


def test_the_last_whole_number_of_a_name_is_the_step_and_order_is_that_of_numbers(tmp_path):
    names = ["v2-ckpt-9.weights.h5", "v2-ckpt-0120.weights.h5", "v2-ckpt-10.keras", "epoch=1-step=1000.h5"]
    found = steps(tmp_path, *names)
    assert list(found.items()) == [(names[0], 9), (names[2], 10), (names[1], 120), (names[3], 1000)]


def test_the_digit_of_an_ending_is_no_step(tmp_path):
    with pytest.raises(ValueError, match=r"best.weights.h5 has no number in its name.*--steps"):
        steps(tmp_path, "best.weights.h5")


@pytest.mark.parametrize("name", ["03-0.25.weights.h5", "weights.03-1.5.keras"])
def test_a_name_with_a_decimal_point_is_not_guessed_at(tmp_path, name):
    with pytest.raises(ValueError, match=rf"{name} holds a number with a decimal point.*--step-pattern"):
        steps(tmp_path, name)


def test_a_pattern_says_which_number_it_is(tmp_path):
    assert steps(tmp_path, "03-0.25.weights.h5", step_pattern=r"^(\d+)") == {"03-0.25.weights.h5": 3}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "no regular expression"),
        (r"\d+", "has 0 groups; it needs one"),
        (r"x(\d+)", "finds nothing in 'a1.keras'"),
    ],
)
def test_a_pattern_that_finds_no_step_is_refused(tmp_path, pattern, message):
    with pytest.raises(ValueError, match=message):
        steps(tmp_path, "a1.keras", step_pattern=pattern)


def test_two_files_of_one_step_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"a1.keras and .*b01.keras both have the step 1; .*--step-pattern"):
        steps(tmp_path, "a1.keras", "b01.keras")


def test_the_count_of_the_optimizer_is_read_from_the_files(tmp_path):
    """Of names that ModelCheckpoint gives, and of a whole model with an optimizer around another one."""
    save = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch:02d}-{loss:.2f}.weights.h5", save_weights_only=True)
    model = fits.mlp()
    fits.fit(model, save, epochs=2)
    assert [one.step for one in checkpoints(str(tmp_path / "*"), steps="saved")] == [10, 20]
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()), "sparse_categorical_crossentropy")
    fits.fit(model, epochs=3)
    model.save(tmp_path / "a.keras")
    assert [one.step for one in checkpoints(tmp_path / "a.keras", steps="saved")] == [30]


def test_a_file_without_the_count_is_named(tmp_path):
    (tmp_path / "b.weights.h5").write_bytes(b"x")
    keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)]).save_weights(tmp_path / "a.weights.h5")
    for name, message in (("a.weights.h5", "holds no optimizer"), ("b.weights.h5", "cannot be read")):
        with pytest.raises(ValueError, match=rf"{name} {message}"):
            checkpoints(tmp_path / name, steps="saved")
    with pytest.raises(ValueError, match="steps is 'epoch'; it is 'saved', or"):
        checkpoints(tmp_path / "a.weights.h5", steps="epoch")


def test_given_steps_go_to_names_in_natural_order(tmp_path):
    assert steps(tmp_path, "c10.keras", "c9.keras", steps=[5, 7]) == {"c9.keras": 5, "c10.keras": 7}
    with pytest.raises(ValueError, match=r"1 steps are given for 2 checkpoints: c9.keras, c10.keras"):
        steps(tmp_path, steps=[1])


def test_nothing_found_is_said_with_the_place(tmp_path):
    with pytest.raises(ValueError, match=r"no checkpoint is called '.*none\*' \(from /"):
        checkpoints(str(tmp_path / "none*"))


def test_a_path_that_looks_like_a_pattern_is_a_path(tmp_path):
    (tmp_path / "run[1]").mkdir()
    (tmp_path / "run[1]" / "4.keras").touch()
    assert [one.step for one in checkpoints(tmp_path / "run[1]" / "4.keras")] == [4]
