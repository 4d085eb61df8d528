"""What a probe accepts, what it turns it into, and the words in which it refuses."""

from __future__ import annotations

import copy
import subprocess
import sys

import numpy as np
import pytest

from tb_attribution_plugin.probe import Probe

X = np.linspace(0, 1, 4 * 6 * 5 * 3, dtype=np.float32).reshape(4, 6, 5, 3)
TABLE = np.arange(12.0).reshape(4, 3)
IDS = np.array([[5, 6, 7], [5, 0, 0]])


def refused(message: str, *args, **fields):
    with pytest.raises((ValueError, TypeError)) as caught:
        Probe(*args, **fields)
    assert message in str(caught.value)


# --- inputs


def test_arrays_are_private_copies_that_cannot_be_written():
    x = X.copy()
    probe = Probe(x)
    x[:] = 9
    np.testing.assert_array_equal(probe.inputs, X)
    with pytest.raises(ValueError, match="read-only"):
        probe.inputs[0] = 1
    with pytest.raises(AttributeError):
        probe.labels = np.zeros(4)  # type: ignore[misc]
    with pytest.raises(TypeError):
        probe.regions["a"] = X  # type: ignore[index]


def test_float64_becomes_float32_and_integers_stay():
    assert Probe(TABLE).inputs.dtype == np.float32
    assert Probe(X.astype(np.float16)).inputs.dtype == np.float16
    assert Probe((X * 255).astype(np.uint8)).inputs.dtype == np.uint8


def test_dicts_and_lists_are_several_inputs():
    probe = Probe({"picture": X, "row": TABLE})
    assert probe.input_names == ("picture", "row")
    assert list(probe.inputs) == ["picture", "row"]
    assert [array.shape for array in probe.arrays] == [X.shape, TABLE.shape]
    listed = Probe([TABLE, X])
    assert listed.input_names == ("input_0", "input_1")
    assert isinstance(listed.inputs, list)
    assert (probe.size, len(listed)) == (4, 4)


def test_a_list_of_numbers_is_one_array():
    assert Probe([[1.0, 2.0], [3.0, 4.0]]).inputs.shape == (2, 2)
    assert Probe(["a b", "c"]).inputs.tolist() == ["a b", "c"]


def test_bytes_become_text():
    assert Probe(np.array([b"gr\xc3\xb6\xc3\x9fte", b"x"], dtype=object)).inputs.tolist() == ["größte", "x"]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (np.zeros((0, 4)), "inputs of shape [0, 4] is empty; at least one example is needed"),
        (np.zeros((3, 0)), "inputs of shape [3, 0] is empty"),
        (np.float32(3), "inputs is a single value; the first axis is the example"),
        ("probe.npz", "inputs is a path, 'probe.npz'; give Probe.load(path)"),
        ({}, "inputs is an empty dict"),
        ({"a": X, "b": TABLE[:3]}, "inputs must hold the same number of examples, but hold 'a': 4, 'b': 3"),
        ({1: X}, "inputs has the key 1"),
        (np.array([1 + 2j]), "inputs has dtype complex"),
        ([[1, 2], [3]], "pad ragged rows to one length"),
        (np.array([{}, 1], dtype=object), "inputs holds a dict and is not a rectangular array"),
        (None, "inputs is None; pass an array"),
        (np.zeros((2, 3, 4, 5, 6)), "no modality has inputs of float32 [2, 3, 4, 5, 6]"),
        (np.zeros(5), "no modality has inputs of float32 [5]"),
    ],
)
def test_inputs_that_are_no_batch_are_refused(inputs, message):
    refused(message, inputs)


@pytest.mark.parametrize(
    ("value", "words"), [(np.nan, "1 NaN and 0 inf"), (-np.inf, "0 NaN and 1 inf"), (1e300, "inf")]
)
def test_values_that_are_not_finite_are_located(value, words):
    x = X.astype(np.float64)
    x[2, 1, 1, 1] = value
    refused(f"inputs must be finite, but example 2 holds {words if 'NaN' in words else '0 NaN and 1 inf'}", x)
    refused("inputs['b'] must be finite, but example 2", {"a": TABLE, "b": x})


def test_nan_in_a_table_is_a_missing_value():
    table = np.array([[1.0, np.nan], [2.0, 3.0]])
    probe = Probe(table, background=table)
    assert probe.missing
    assert np.isnan(probe.inputs[0, 1])
    assert not Probe(table[1:]).missing
    refused("inputs must be finite, but example 0 holds 1 NaN", table, modality="time_series")


# --- modality


@pytest.mark.parametrize(
    ("inputs", "modality"),
    [
        (X, "image"),
        ((X * 255).astype(np.uint8), "image"),
        ((X[..., 0] * 255).astype(np.uint8), "image"),
        (TABLE, "tabular"),
        (TABLE > 3, "tabular"),
        (IDS, "text"),
        (["some text"], "text"),
        (X[..., 0], "time_series"),
    ],
)
def test_modality_follows_shape_and_dtype(inputs, modality):
    probe = Probe(inputs)
    assert probe.modality == modality
    assert str(list(probe.arrays[0].shape)) in probe.modality_reason


def test_the_users_modality_wins_where_it_is_possible():
    assert Probe(X[..., 0], modality="image").modality == "image"
    assert Probe(IDS, modality="tabular").modality_reason == "as given"
    refused(
        "modality 'text' needs an input of the form integer [B, T] or strings [B], but inputs are float32",
        X,
        modality="text",
    )
    refused(
        "modality 'picture' is not known; it is one of ['image', 'tabular', 'text', 'time_series']",
        X,
        modality="picture",
    )


def test_of_several_inputs_a_picture_is_shown_else_the_first_that_fits():
    inputs = {"row": TABLE, "picture": X}
    assert (Probe(inputs).shown, Probe(inputs).modality) == (1, "image")
    tables = {"row": TABLE, "other": TABLE}
    assert (Probe(tables).shown, Probe(tables).modality) == (0, "tabular")
    picture = Probe(inputs, regions={"r": [0, 0, 2, 2]})
    assert picture.shown == 1
    assert picture.regions["r"].shape == (4, 6, 5)


# --- labels and names


def test_labels_of_every_form_become_class_indices():
    one_hot = np.eye(3)[[2, 0, 1, 1]]
    for labels in ([2, 0, 1, 1], np.array([[2], [0], [1], [1]]), one_hot, one_hot.astype(bool)):
        probe = Probe(X, labels)
        assert (probe.labels.dtype, probe.labels.tolist()) == (np.int64, [2, 0, 1, 1])
    named = Probe(X, ["dog", "cat", "dog", "cat"], class_names=["cat", "dog"])
    assert named.labels.tolist() == [1, 0, 1, 0]
    assert Probe(X, [1.0, 0.0, 1.0, 1.0], class_names=["a", "b"]).labels.dtype == np.int64


def test_values_of_a_regression_stay_values():
    probe = Probe(X, [0.5, -3.0, 2.0, 1e3])
    assert probe.labels.tolist() == [0.5, -3.0, 2.0, 1e3]
    assert Probe(X, np.full((4, 3), 1 / 3)).labels.shape == (4, 3)


def test_labels_that_do_not_fit_are_refused():
    refused("labels has 3 entries, but inputs holds 4 examples", X, [1, 2, 3])
    refused("labels has a single value, but inputs holds 4 examples", X, 1)
    refused(
        "labels must lie in 0 .. 1 (2 class_names), but the label of example 3 is 2",
        X,
        [0, 1, 0, 2],
        class_names=["a", "b"],
    )
    refused("the label of example 0 is -1; labels count from 0", X, [-1, 0, 0, 0], class_names=["a", "b"])
    refused("labels of shape [4, 3] have 3 columns for 2 class_names", X, np.eye(4)[:, :3], class_names=["a", "b"])
    refused("the label of example 1 is nan", X, [0.0, np.nan, 1.0, 1.0])
    refused("label 'bird' is not in class_names ['cat', 'dog']", X, ["cat", "bird"] * 2, class_names=["cat", "dog"])
    refused("labels are strings ('cat'), so class_names=[...] must say their order", X, ["cat"] * 4)
    refused("the label of example 0 is 0.5; drop class_names for a regression", X, [0.5] * 4, class_names=["a", "b"])


def test_names_are_as_many_as_their_things():
    assert Probe(X).names == ("#0", "#1", "#2", "#3")
    assert Probe(TABLE, feature_names=["a", "b", "c"]).feature_names == ("a", "b", "c")
    assert Probe(X[..., 0], feature_names=list("abcde")).feature_names == tuple("abcde")
    refused("names has 1 entries, but 4 are needed", X, names=["a"])
    refused("names is the string 'abcd'; give a list of strings", X, names="abcd")
    refused("feature_names has 2 entries, but 3 are needed", TABLE, feature_names=["a", "b"])
    refused(
        "feature_names are for tables and time series, but the modality is 'image'", X, feature_names=["r", "g", "b"]
    )
    refused("class_names has 'a' twice", X, class_names=["a", "b", "a"])
    refused("class_names is empty", X, class_names=[])


def test_text_that_is_no_unicode_can_still_be_stored():
    assert Probe(X, names=["a\udcff", "b", "c", "d"]).names[0] == "a?"
    assert Probe(IDS, tokens=[["\ud800"], []]).tokens[0] == ("?", "", "")
    refused("inputs has the key '\\udcff'", {"\udcff": X})


# --- regions


def test_boxes_are_half_open_rows_and_columns_in_pixels():
    probe = Probe(X, regions={"box": [[1, 2, 3, 5]] * 4})
    want = np.zeros((6, 5), bool)
    want[1:3, 2:5] = True
    for example in range(4):
        np.testing.assert_array_equal(probe.regions["box"][example], want)


def test_a_fractional_box_takes_the_pixels_whose_centre_it_covers():
    mask = Probe(X, regions={"box": [0.6, 0.4, 2.4, 1.6]}).regions["box"][0]
    assert np.argwhere(mask).tolist() == [[1, 0], [1, 1]]


def test_a_box_without_area_says_that_the_example_has_none():
    boxes = np.array([[0, 0, 2, 2], [0, 0, 0, 0], [3, 3, 3, 5], [0, 0, 6, 5]])
    assert Probe(X, regions={"box": boxes}).regions["box"].sum(axis=(1, 2)).tolist() == [4, 0, 0, 30]


def test_masks_are_taken_as_they_are_or_for_all_examples():
    mask = X[..., 0] > 0.5
    np.testing.assert_array_equal(Probe(X, regions={"m": mask}).regions["m"], mask)
    np.testing.assert_array_equal(Probe(X, regions={"m": mask.astype(np.uint8)}).regions["m"], mask)
    np.testing.assert_array_equal(Probe(X, regions={"m": mask[..., None]}).regions["m"], mask)
    np.testing.assert_array_equal(Probe(X, regions={"m": mask[3]}).regions["m"], np.stack([mask[3]] * 4))


def test_four_by_four_masks_are_no_boxes():
    square = np.eye(4, dtype=bool)
    np.testing.assert_array_equal(Probe(X[:, :4, :4], regions={"m": square}).regions["m"][2], square)


def test_columns_and_tokens_by_number_and_by_name():
    table = Probe(TABLE, feature_names=["age", "sex", "fare"], regions={"who": ["age", 1], "fare": [2]})
    assert table.regions["who"].tolist() == [[True, True, False]] * 4
    words = Probe(
        IDS, tokens=[["a", "bad", "film"], ["good", "", ""]], regions={"verdict": ["bad", "good"], "first": [0]}
    )
    assert words.regions["verdict"].tolist() == [[False, True, False], [True, False, False]]
    assert words.regions["first"].tolist() == [[True, False, False]] * 2
    each = Probe(IDS, regions={"r": [[0, 1], [2]]})
    assert each.regions["r"].tolist() == [[True, True, False], [False, False, True]]


def test_regions_that_are_nowhere_are_refused():
    refused(
        "box [0.0, 0.0, 7.0, 2.0] of example 0 must satisfy 0 <= y0 <= y1 <= 6 and 0 <= x0 <= x1 <= 5",
        X,
        regions={"r": [0, 0, 7, 2]},
    )
    refused("the order is (y0, x0, y1, x1)", X, regions={"r": [3, 0, 1, 2]})
    refused(
        "region 'r': mask of shape [4, 5, 6] must be [4, 6, 5], or [6, 5]", X, regions={"r": np.ones((4, 5, 6), bool)}
    )
    refused("region 'r' is empty in every example", X, regions={"r": np.zeros((6, 5), bool)})
    refused("neither boxes [4, 4] (y0, x0, y1, x1) nor a boolean mask [4, 6, 5]", X, regions={"r": np.ones((2, 2)) * 3})
    refused(
        "column 'x' is not in feature_names ['a', 'b', 'c']", TABLE, feature_names=["a", "b", "c"], regions={"r": ["x"]}
    )
    refused("position 3 is outside of 0 .. 2", TABLE, regions={"r": [3]})
    refused("no example holds the token 'x'", IDS, regions={"r": ["x"]})
    refused("3 lists for 4 examples", TABLE, regions={"r": [[0], [1], [2]]})
    refused("region name 'a/b' must be a string without '/'", X, regions={"a/b": [0, 0, 1, 1]})
    refused("regions is a list", X, regions=[[0, 0, 1, 1]])
    refused("pass token ids to name regions", ["some text"], regions={"r": [0]})


# --- background, display, tokens, segments


def test_background_rows_have_the_inputs_structure():
    assert Probe(TABLE, background=TABLE[:2]).background.shape == (2, 3)
    both = Probe({"a": X, "b": TABLE}, background={"b": TABLE[:2], "a": X[:2]})
    assert both.background["a"].shape == (2, 6, 5, 3)
    refused("background of shape [2, 4] must be [N, 3] with N >= 1", TABLE, background=np.ones((2, 4)))
    refused("background of shape [0, 3]", TABLE, background=TABLE[:0])
    refused("background must be finite, but example 1", TABLE, background=[[0.0] * 3, [np.inf] * 3])
    refused("background has the inputs [''], but the probe has ['a', 'b']", {"a": X, "b": TABLE}, background=X)


def test_display_has_the_inputs_grid():
    grey = np.zeros((4, 6, 5), np.uint8)
    assert Probe(X, display=grey).display.dtype == np.uint8
    refused(
        "display of shape [4, 5, 6] must be [4, 6, 5], with 1, 3 or 4 channels or none", X, display=np.zeros((4, 5, 6))
    )
    refused("display of shape [4, 6, 5, 2]", X, display=np.zeros((4, 6, 5, 2)))
    refused("for text give tokens=", IDS, display=IDS)
    assert Probe(TABLE, display=TABLE * 100).display[3, 2] == 1100


def test_tokens_are_lists_or_a_decoder_and_short_rows_are_padded():
    assert Probe(IDS).tokens == (("5", "6", "7"), ("5", "0", "0"))
    assert Probe(IDS, tokens=[["a", "b", "c"], ["d"]]).tokens == (("a", "b", "c"), ("d", "", ""))
    vocabulary = dict(enumerate("xxxxxabc"))
    assert Probe(IDS, tokens=lambda ids: [vocabulary[i] for i in ids]).tokens[0] == ("a", "b", "c")
    assert Probe(["a b", "c"]).tokens == (("a b",), ("c",))
    assert Probe(TABLE).tokens == ()


def test_tokens_of_a_table_are_words_of_its_values():
    rows = [["", "red", ""], ["", "blue", ""], ["", "", ""], ["", "red", ""]]
    assert Probe(TABLE, tokens=rows).tokens == tuple(map(tuple, rows))
    refused("tokens of a table must be 4 lists of 3 strings", TABLE, tokens=[["red"]] * 4)


def test_tokens_that_do_not_fit_are_refused():
    refused("tokens of example 1 are 4, but inputs has 3 positions", IDS, tokens=[["a"], ["a"] * 4])
    refused("tokens has 1 rows, but inputs holds 2 examples", IDS, tokens=[["a"]])
    refused("tokens are for text and tables, but the modality is 'image'", X, tokens=[["a"]] * 4)
    refused("must be a list of B lists of strings", IDS, tokens=["a", "b"])
    refused("the decoder returned the string '5 6 7' for example 0", IDS, tokens=lambda ids: " ".join(map(str, ids)))
    refused("the decoder failed on example 0", IDS, tokens=lambda ids: [{}[i] for i in ids])


def test_segments_broadcast_over_examples_and_channels():
    ids = np.arange(30).reshape(1, 6, 5)
    assert Probe(X, segments=ids).segments.shape == (1, 6, 5, 1)
    assert Probe(X, segments=np.zeros((4, 6, 5, 1), int)).segments.dtype == np.int32
    assert Probe(TABLE, segments=[[0, 0, 1]]).segments.tolist() == [[0, 0, 1]]
    refused(
        "segments of shape [1, 5, 6] does not broadcast to the input's [4, 6, 5, 3]",
        X,
        segments=np.zeros((1, 5, 6), int),
    )
    refused("segments has dtype float32; segment ids are integers", X, segments=X)


def test_an_id_of_minus_one_is_in_no_segment():
    assert Probe(TABLE, segments=[[0, -1, 1]]).segments.tolist() == [[0, -1, 1]]
    assert Probe({"a": X, "b": TABLE}, segments={"a": [[[-1]]], "b": [[0, 1, 2]]}).segments["a"].tolist() == [[[[-1]]]]
    refused("segments holds the id -2; ids are >= 0, or -1 for what is in no segment", TABLE, segments=[[0, -2, 1]])
    refused("segments of example 1 are all -1", IDS, segments=[[0, 1, -1], [-1] * 3])


def test_raw_strings_have_an_id_for_each_token():
    ids = [[0, 1, 2, 2], [0, -1, -1, -1]]
    assert Probe(["one two three", "four"], segments=ids).segments.tolist() == ids
    assert Probe([["one two three"], ["four"]], segments=ids[:1]).segments.tolist() == ids[:1]
    assert Probe([["a", "b"], ["c", ""]], segments=[[0, 1], [0, -1]]).segments.tolist() == [[0, 1], [0, -1]]
    refused("segments of shape [2] does not broadcast to [B, tokens]", ["one two", "three"], segments=[0, 1])
    refused("segments of shape [3, 2] does not broadcast to [B, tokens]", ["a b", "c"], segments=[[0, 1]] * 3)


def test_each_input_has_a_modality():
    assert Probe({"t": TABLE, "x": X, "ids": IDS[[0, 1, 0, 1]]}).modalities == ("tabular", "image", "text")
    assert Probe([IDS, np.zeros((2, 2, 2, 2, 2))], modality="tabular").modalities == ("tabular", "tabular")


# --- hash


def test_the_hash_is_stable_over_releases_and_processes():
    script = (
        "import numpy as np; from tb_attribution_plugin.probe import Probe; "
        "print(Probe(np.arange(12.0).reshape(4, 3), [0, 1, 0, 1], names=list('abcd'), regions={'r': [0]}).hash)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    here = Probe(TABLE, [0, 1, 0, 1], names=list("abcd"), regions={"r": [0]}).hash
    assert done.stdout.strip() == here == "59a6c60aa49f854b"


def test_the_hash_sees_everything_that_defines_a_probe():
    base = {"labels": [0, 1, 0, 1], "class_names": ["a", "b"]}
    other = TABLE.copy()
    other[3, 2] += 1
    variants = [
        Probe(TABLE, **base),
        Probe(other, **base),
        Probe(TABLE.astype(np.int32), modality="tabular", **base),
        Probe(TABLE, [0, 1, 1, 1], class_names=["a", "b"]),
        Probe(TABLE, [0, 1, 0, 1], class_names=["a", "c"]),
        Probe(TABLE, **base, names=list("wxyz")),
        Probe(TABLE, **base, feature_names=list("xyz")),
        Probe(TABLE, **base, regions={"r": [0]}),
        Probe(TABLE, **base, regions={"r": [1]}),
        Probe(TABLE, **base, regions={"q": [1]}),
        Probe(TABLE, **base, background=TABLE[:1]),
        Probe(TABLE, **base, display=TABLE),
        Probe(TABLE, **base, segments=[[0, 1, 1]]),
        Probe(TABLE, **base, store_inputs=False),
        Probe(TABLE.reshape(3, 4), [0, 1, 0]),
    ]
    hashes = [probe.hash for probe in variants]
    assert len(set(hashes)) == len(hashes)
    assert all(len(digest) == 16 and int(digest, 16) >= 0 for digest in hashes)


def test_the_hash_does_not_see_how_the_numbers_came():
    want = Probe(TABLE, [0, 1, 0, 1]).hash
    assert Probe(TABLE.astype(np.float32), np.eye(2)[[0, 1, 0, 1]]).hash == want
    assert Probe(np.asfortranarray(TABLE), np.array([0, 1, 0, 1], np.uint8)).hash == want
    assert Probe(TABLE.astype(">f4"), [[0], [1], [0], [1]]).hash == want


def test_a_copy_is_the_probe_itself():
    probe = Probe(X, regions={"r": [0, 0, 1, 1]})
    assert copy.deepcopy({"probe": probe})["probe"] is probe
    assert copy.copy(probe) is probe


# --- wrap


def test_wrap_takes_a_probe_a_pair_or_inputs():
    probe = Probe(X)
    assert Probe.wrap(probe) is probe
    assert Probe.wrap((X, [0, 1, 2, 3])).labels.tolist() == [0, 1, 2, 3]
    assert Probe.wrap(TABLE).labels is None
    assert Probe.wrap([X, TABLE]).input_names == ("input_0", "input_1")
    with pytest.raises(ValueError, match=r"probe is a tuple of 3; give a Probe, \(x, y\) or x"):
        Probe.wrap((X, [0] * 4, [1.0] * 4))


def test_the_representation_says_what_it_is():
    assert repr(Probe(X)).startswith("Probe(4 examples, image, float32[4, 6, 5, 3], hash=")


# --- from_dataset


def labelled(count: int, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Example i is the row [i, i] of class (7 i) % classes."""
    index = np.arange(count)
    return np.stack([index, index], axis=1).astype(np.float32), (7 * index) % classes


def test_from_arrays_takes_some_of_every_class_in_order():
    x, y = labelled(300)
    probe = Probe.from_dataset((x, y), per_class=4, seed=5)
    assert probe.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    rows = probe.inputs[:, 0].astype(int)
    np.testing.assert_array_equal(y[rows], probe.labels)
    assert len(set(rows)) == 12
    for label in range(3):
        assert (np.diff(rows[probe.labels == label]) > 0).all()
    assert probe.selection == "12 of 300 examples, 3 classes, up to 4 each; the dataset ended"


def test_the_seed_decides_which():
    data = labelled(300)
    rows = [Probe.from_dataset(data, seed=seed).inputs[:, 0].tolist() for seed in (0, 0, 1)]
    assert rows[0] == rows[1] != rows[2]


def test_every_example_of_a_class_is_as_likely():
    data = labelled(30, classes=1)
    hits = np.zeros(30)
    for seed in range(600):
        hits[Probe.from_dataset(data, per_class=3, seed=seed).inputs[:, 0].astype(int)] += 1
    # 600 draws of 3 in 30: 60 each, standard deviation 7.3.
    assert np.abs(hits - 60).max() < 5 * 7.3


def test_a_rare_class_is_said():
    x, y = labelled(50)
    y = np.where(np.arange(50) == 20, 9, np.minimum(y, 1))
    with pytest.warns(UserWarning, match=r"fewer than per_class=2 examples: class 9: 1 \(5 of 50"):
        probe = Probe.from_dataset((x, y))
    assert probe.labels.tolist() == [0, 0, 1, 1, 9]


def test_arguments_of_from_dataset_are_checked():
    data = labelled(9)
    with pytest.raises(ValueError, match="per_class is 0; it must be an integer >= 1"):
        Probe.from_dataset(data, per_class=0)
    with pytest.raises(TypeError, match=r"takes a tf\.data\.Dataset or arrays \(x, y\), not a list"):
        Probe.from_dataset([1, 2])
    with pytest.raises(ValueError, match="the dataset holds no examples"):
        Probe.from_dataset((data[0][:0], data[1][:0]))
    with pytest.raises(ValueError, match="is no class index"):
        Probe.from_dataset((data[0], data[1] + 0.5))
    with pytest.raises(ValueError, match=r"inputs \[9, 2\] and labels \[8\] must hold the same number"):
        Probe.from_dataset((data[0], data[1][:8]))


def test_store_inputs_is_a_yes_or_a_no():
    with pytest.raises(TypeError, match="store_inputs must be True or False; got 'no'"):
        Probe(X, store_inputs="no")


def test_words_do_not_slide_onto_padding_in_front():
    ids = np.array([[0, 0, 5, 6], [7, 8, 9, 5]])
    refused("padding (id 0) comes first", ids, tokens=[["good", "film"], ["a", "b", "c", "d"]])
    assert Probe(ids, tokens=[["", "", "good", "film"], ["a", "b", "c", "d"]]).tokens[0] == ("", "", "good", "film")
    assert Probe(ids[:, ::-1], tokens=[["film", "good"], ["d", "c", "b", "a"]]).tokens[0] == ("film", "good", "", "")
