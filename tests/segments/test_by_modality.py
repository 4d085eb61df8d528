"""What a probe is cut into where nobody said it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tb_attribution_plugin import Probe, segments
from tb_attribution_plugin.segments.by_modality import made
from tests.segments.facts import have_no_holes

IDS = np.array([[5, 0, 7, 0, 0], [0, 0, 9, 9, 3]])  # padding behind, and before


def test_images_are_cut_into_superpixels() -> None:
    images = load_digits().images[:4, ..., None]
    np.testing.assert_array_equal(made(Probe(images)), segments.slic(images))
    flat = made(Probe(images[..., 0], modality="image"))
    np.testing.assert_array_equal(flat, segments.slic(images)[..., 0])


def test_tables_are_cut_into_columns_and_series_into_windows() -> None:
    assert made(Probe(np.zeros((3, 4), np.float32))).tolist() == [[0, 1, 2, 3]]
    assert made(Probe(np.zeros((3, 4, 2), np.float32))).tolist() == [[[0], [1], [2], [3]]]
    assert made(Probe(np.zeros((3, 150), np.float32), modality="time_series")).max() == 15


def test_padding_at_either_end_is_in_no_segment() -> None:
    # A 0 between others is a token.
    assert made(Probe(IDS)).tolist() == [[0, 1, 2, -1, -1], [-1, -1, 0, 1, 2]]


def test_the_strings_of_tokens_say_more_than_their_ids() -> None:
    rows = [["[CLS]", "!", "good", "[SEP]", "[PAD]"], ["<s>", "!", "", "film", "</s>"]]
    assert made(Probe(IDS, tokens=rows)).tolist() == [[-1, 0, 1, -1, -1], [-1, 0, -1, 1, -1]]


def test_masks_and_types_beside_token_ids_are_in_no_segment() -> None:
    ids = {"token_ids": IDS, "segment_ids": np.zeros_like(IDS), "padding_mask": IDS != 0}
    found = made(Probe(ids))
    assert (found["segment_ids"] == -1).all()
    assert (found["padding_mask"] == -1).all()
    assert found["token_ids"].tolist() == [[0, 1, 2, -1, -1], [-1, -1, 0, 1, 2]]


def test_another_text_beside_it_is_cut_too() -> None:
    found = made(Probe({"question": IDS, "answer": IDS[:, ::-1]}))
    assert found["answer"].tolist() == [[-1, -1, 3, 4, 5], [3, 4, 5, -1, -1]]


def test_a_single_number_is_a_category_and_no_padding() -> None:
    found = made(Probe({"kind": np.array([[0], [3]]), "flag": np.array([[0], [1]]), "x": np.zeros((2, 2), np.float32)}))
    assert [found[name].tolist() for name in ("kind", "flag", "x")] == [[[0]], [[1]], [[2, 3]]]


def test_several_inputs_are_numbered_together() -> None:
    images = load_digits().images[:3, ..., None]
    found = made(Probe([images, np.zeros((3, 2), np.float32), np.arange(3)]))
    assert [one.shape for one in found] == [(3, 8, 8, 1), (3, 2), (3,)]
    assert have_no_holes(np.concatenate([one.reshape(3, -1) for one in found], 1))


def test_volumes_are_cut_into_boxes() -> None:
    probe = Probe([np.zeros((2, 3)), np.zeros((2, 8, 8, 2, 3))], modality="tabular")
    assert made(probe)[1].shape == (1, 8, 8, 2, 1)
    assert made(probe)[1].max() == 2 + 4 * 4 * 2


def test_raw_strings_are_cut_where_the_model_cuts_them() -> None:
    probe = Probe(np.array(["good film", "bad"]))
    assert made(probe, np.array([[4, 5, 0], [1, 0, 0]])).tolist() == [[0, 1, -1], [0, -1, -1]]
    with pytest.raises(ValueError, match=r"raw strings, and nothing says what the model cuts them into; .*words"):
        made(probe)


def test_a_text_without_a_token_is_named() -> None:
    with pytest.raises(ValueError, match="example 'empty' has no token"):
        made(Probe(np.array([[3, 4], [0, 0]]), names=["full", "empty"]))


def test_a_single_cell_is_a_segment() -> None:
    assert made(Probe(np.zeros((2, 1), np.float32))).tolist() == [[0]]
    assert made(Probe(np.zeros((2, 1, 1, 3), np.float32))).shape == (1, 1, 1, 3)
