from __future__ import annotations

from tb_attribution_plugin.backend.errors import candidates, missing, shown


def test_a_long_name_is_cut_and_its_length_said() -> None:
    text = shown("x" * 10_000)
    assert text.endswith("xxx... (10002 characters)")
    assert len(text) < 160


def test_candidates_begin_with_the_nearest_and_end_with_the_number_left_out() -> None:
    names = [f"series_{i:02}" for i in range(12)] + ["grad_cam"]
    assert candidates("gradcam", names).startswith("known: 'grad_cam', 'series_00'")
    assert candidates("gradcam", names).endswith("and 3 more")
    assert candidates("x", []) == "there are none"


def test_a_run_without_such_tags_is_not_a_candidate() -> None:
    known = {"a": ["maps/ig"], "b": ["probe/x"]}
    assert missing("b", "ig", known, "maps/").hint == "runs known: 'a'"
    assert missing("a", "lime", known, "maps/").hint == "tags known: 'ig'"
