"""Event files that no writer of ours made: everything bad is named, everything good still shows."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tb_attribution_plugin.logging import records
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, names
from tests.backend import logs
from tests.backend.events import BLOBS, SCALAR, TENSOR, EventFile, claim, floats, metadata, strings, tagged
from tests.backend.server import Server
from tests.process_memory import peak_mib

MARKUP = "<img src=x onerror=alert(1)>"
LONG = "x" * 10_000
UNICODE = "注意 \u202etsil\u202c 🔥"
CONTROL = "a\tb\x1b[31m"
QUOTES = 'a "b" \\c'
NUL = "a\0b"
NAMES = [MARKUP, LONG, UNICODE, CONTROL, QUOTES, NUL]
# Longer than an address may be: listed, but nobody can ask for it.
LONGEST = "y" * 100_000
UNREADABLE_NAME = (
    "TensorBoard's data server reads no maps where the name of a run or tag holds a control character, a "
    'double quote (") or a backslash; start tensorboard with --load_fast=false'
)
RUNS = ["%2e%2e", "..%2f..%2fetc%2fpasswd", "\u202egpj", "a\nb", MARKUP]
RUN = "bad/attribution"


def _sound(file: EventFile, step: int, tag: str) -> None:
    logs.add_step(file, step, logs.map_series(tag, [2, 2]), logs.cam_elements(step))


def _maps(file: EventFile, tag: str, content: bytes, step: int = 0) -> None:
    file.blobs(step, f"maps/{tag}", logs.cam_elements(step), content)
    file.scalar(step, f"seconds/{tag}", 1.0, tagged(steps=pb.StepSeries(tag=tag)))


def _bomb() -> bytes:
    """64 MiB of zeros in 64 KiB, said to be 2 x 2 maps."""
    squeeze = zlib.compressobj(9)
    payload = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(64)) + squeeze.flush()
    part = pb.Part(shape=[2, 2], count=logs.EXAMPLES, code=pb.CODE_FLOAT32, payload=payload)
    return blob.pack(pb.MapBlob(parts=[part]))


def _write(logdir: Path) -> None:
    logs.write_run(logdir / "good" / "attribution")
    for run in RUNS:
        logs.write_run(logdir / run)
    file = EventFile(logdir / RUN)
    logs.add_probe(file)
    for name in NAMES:
        _sound(file, 0, name)
    _sound(file, 0, LONGEST)
    # What a later version may add: another field, another kind of error, another encoding.
    later = tagged(maps=logs.map_series("later", [2, 2], error_kind=77, code=99)) + b"\xfa\x3f\x03new"
    _maps(file, "later", later)
    _maps(file, "garbage", b"\xff\xff\xff")
    _maps(file, "empty", b"")
    _maps(file, "not_maps", tagged(stats=pb.StatsSeries(tag="not_maps")))
    newer = pb.TagMetadata(version=names.WIRE_VERSION + 1, maps=logs.map_series("newer", [2, 2]))
    _maps(file, "newer", newer.SerializeToString())
    _maps(file, "huge", tagged(maps=logs.map_series("huge", [2**31, 2**31])))
    # 2.5 KB of metadata; the number of cells has 4,817 digits.
    _maps(file, "axes", tagged(maps=logs.map_series("axes", [2**32 - 1] * 500)))
    _maps(file, "crowd", tagged(maps=logs.map_series("crowd", [2, 2], examples=2**32 - 1)))
    _maps(file, "renamed", tagged(maps=logs.map_series("other", [2, 2])))
    _maps(file, "probeless", tagged(maps=logs.map_series("probeless", [2, 2], probe_hash="gone")))
    file.blobs(0, "maps/stepless", logs.cam_elements(0), tagged(maps=logs.map_series("stepless", [2, 2])))
    file.scalar(0, "seconds/mapless", 1.0, tagged(steps=pb.StepSeries(tag="mapless")))
    file.scalar(0, "epoch", float("nan"), tagged(epochs=pb.EpochSeries()))
    # A shape that claims a million million elements, and one element.
    claims = tagged(maps=logs.map_series("claims", [2, 2]))
    file.add(0, "maps/claims", strings([b"one"], claimed=2**40), metadata(claims, BLOBS))
    file.scalar(0, "seconds/claims", 1.0, tagged(steps=pb.StepSeries(tag="claims")))
    # Each step claims an element more than the series can have.
    padded = tagged(maps=logs.map_series("padded", [2, 2]))
    for step in range(2):
        file.add(step, "maps/padded", strings([b"one"], claimed=logs.EXAMPLES + 2), metadata(padded, BLOBS))
        file.scalar(step, "seconds/padded", 1.0, tagged(steps=pb.StepSeries(tag="padded")))
    # The first value fixes the data class: these maps are tensors for TensorBoard.
    tensors = tagged(maps=logs.map_series("tensors", [2, 2]))
    file.add(0, "maps/tensors", strings([b"one"]), metadata(tensors, TENSOR))
    file.scalar(0, "seconds/tensors", 1.0, tagged(steps=pb.StepSeries(tag="tensors")))
    # Steps that are no numbers.
    about = tagged(steps=pb.StepSeries(tag="vector"))
    file.add(0, "seconds/vector", floats([1.0, 2.0], 2), metadata(about, SCALAR))
    file.blobs(0, "maps/vector", logs.cam_elements(0), tagged(maps=logs.map_series("vector", [2, 2])))
    for step, element in ((0, logs.cam_elements(0)[0]), (1, b"TBA1 then noise"), (2, _bomb()), (3, b"")):
        file.blobs(step, "maps/broken", [element], tagged(maps=logs.map_series("broken", [2, 2])))
        file.scalar(step, "seconds/broken", 1.0, tagged(steps=pb.StepSeries(tag="broken")))
    columns = tagged(stats=pb.StatsSeries(tag="broken", columns=logs.COLUMNS))
    for step, tensor in (
        (0, floats(logs.stats_row(0), 3, 2)),
        (1, floats([1.0, 2.0], 1, 2)),
        (2, strings([b"text"])),
        (3, floats(logs.stats_row(3), 3, 2)),
    ):
        file.tensor(step, "stats/broken", tensor, columns)
    # More bytes than the shape says: what reads it raises.
    file.tensor(0, "stats/torn", floats([1.0] * 5, 3, 2), columns)
    # 64 GiB out of one float, in a table and in a scalar.
    file.tensor(0, "stats/inflated", claim(1.0, 1 << 33, 2), columns)
    file.blobs(0, "maps/swollen", logs.cam_elements(0), tagged(maps=logs.map_series("swollen", [2, 2])))
    swollen = tagged(steps=pb.StepSeries(tag="swollen"))
    file.add(0, "seconds/swollen", claim(1.0, 1 << 33, 2), metadata(swollen, SCALAR))
    file.add(0, "fit/swollen", claim(1.0, 1 << 33, 2), metadata(b"", SCALAR, "scalars"))
    # Scalars that are words.
    file.blobs(0, "maps/worded", logs.cam_elements(0), tagged(maps=logs.map_series("worded", [2, 2])))
    file.add(0, "seconds/worded", strings([b"word"]), metadata(tagged(steps=pb.StepSeries(tag="worded")), SCALAR))
    file.add(0, "fit/worded", strings([b"word"]), metadata(b"", SCALAR, "scalars"))
    _maps(file, "early", tagged(maps=logs.map_series("early", [2, 2])))
    _maps(file, "early", tagged(maps=logs.map_series("early", [2, 2])), step=-5)
    file.tensor(0, "stats/words", strings([b"text"]), columns)
    file.close()
    # The tail that a killed process leaves, and a middle that a bad disk leaves.
    logs.write_run(logdir / "truncated" / "attribution")
    truncated = next((logdir / "truncated" / "attribution").iterdir())
    truncated.write_bytes(truncated.read_bytes()[:-7])
    logs.write_run(logdir / "flipped" / "attribution")
    flipped = next((logdir / "flipped" / "attribution").iterdir())
    content = bytearray(flipped.read_bytes())
    # A record's head: the data server does not look at the checksums of what it can parse.
    middle = min((one.offset for one in records.scan(str(flipped))), key=lambda at: abs(at - len(content) // 2))
    content[middle : middle + 64] = bytes(byte ^ 0xFF for byte in content[middle : middle + 64])
    flipped.write_bytes(content)


@pytest.fixture(scope="session")
def hostile_logdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    logdir = tmp_path_factory.mktemp("hostile")
    _write(logdir)
    return logdir


@pytest.fixture(scope="module")
def hostile(load_fast: str, hostile_logdir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(hostile_logdir, load_fast, log=tmp_path_factory.mktemp("server") / "log.txt")
    try:
        running.wait_for(lambda index: {"good", "bad", "truncated"} <= {run.get("group") for run in index["runs"]})
        running.wait_for(lambda index: len(_run(index, "good/attribution")["series"][1]["steps"]) == 12)
        running.wait_for(lambda index: any(s["maps"]["tag"] == "broken" for s in _run(index, RUN)["series"]))
        yield running
    finally:
        running.stop()


def _run(index: dict, name: str) -> dict:
    return next(run for run in index["runs"] if run["run"] == name)


def test_the_good_run_shows_as_if_it_were_alone(hostile: Server) -> None:
    run = _run(hostile.get("index").json, "good/attribution")
    assert [series["maps"]["tag"] for series in run["series"]] == ["grad_cam", "saliency"]
    assert all(series["steps"] == list(logs.STEPS) for series in run["series"])
    item = pb.Maps.FromString(
        hostile.get("maps", run="good/attribution", tag="grad_cam", steps=55, elements=0).body
    ).items[0]
    assert item.blob == logs.cam_elements(55)[0]


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("maps/garbage", "does not parse"),
        ("maps/empty", "describes nothing, expected maps"),
        ("maps/not_maps", "describes stats, expected maps"),
        ("maps/newer", f"written in format {names.WIRE_VERSION + 1}; this server reads up to {names.WIRE_VERSION}"),
        ("maps/huge", f"the grid [2147483648, 2147483648] has {2**62} cells"),
        ("maps/axes", "a grid has 500 axes; up to 8 can be shown"),
        ("maps/early", "steps outside 0 to 9007199254740992 are left out: -5"),
        ("maps/crowd", "claims 4294967295 examples; 1 to 65536"),
        ("maps/renamed", "names the series 'other'"),
        ("maps/probeless", "its probe 'gone' is not in the run"),
        ("maps/stepless", "seconds/stepless is missing"),
        ("maps/vector", "seconds/vector"),
        ("maps/swollen", "seconds/swollen"),
        ("maps/worded", "seconds/worded"),
        ("seconds/mapless", "maps/mapless is missing"),
        ("seconds/tensors", "maps/tensors is missing"),
    ],
)
def test_what_cannot_be_shown_is_named(hostile: Server, tag: str, words: str) -> None:
    problems = [one for one in hostile.get("index").json["problems"] if one.get("tag") == tag]
    assert [one["run"] for one in problems] == [RUN]
    assert words in problems[0]["message"]


def test_only_what_can_be_shown_is_a_series(hostile: Server) -> None:
    shown = {series["maps"]["tag"] for series in _run(hostile.get("index").json, RUN)["series"]}
    assert shown == {*NAMES, LONGEST, "later", "renamed", "probeless", "broken", "claims", "padded", "early"}


def test_the_index_is_json_although_a_number_is_not(hostile: Server) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    index = json.loads(hostile.get("index").body, parse_constant=refuse)
    assert _run(index, RUN)["epochs"] == ["NaN"]


@pytest.mark.parametrize("name", NAMES, ids=["markup", "long", "unicode", "control", "quotes", "nul"])
def test_names_are_data(hostile: Server, name: str, load_fast: str) -> None:
    answer = hostile.get("maps", run=RUN, tag=name, steps=0, elements=0)
    assert answer.status == 200, answer.body
    item = pb.Maps.FromString(answer.body).items[0]
    if load_fast == "true" and name in (CONTROL, QUOTES, NUL):
        assert item.error == UNREADABLE_NAME
    else:
        assert item.blob == logs.cam_elements(0)[0]
    (stats,) = pb.StatsList.FromString(hostile.get("stats", run=RUN, tag=name).body).series
    assert logs.from_bytes(stats.values).tolist() == logs.stats_row(0)
    download = hostile.get("export", run=RUN, tag=name, format="csv")
    assert download.status == 200
    file_name = download.headers["Content-Disposition"].removeprefix("attachment; filename=")
    assert len(file_name) <= 106
    assert not set(file_name.strip('"')) - set("abcdefghijklmnopqrstuvwxyz0123456789_.-")


@pytest.mark.parametrize("name", RUNS)
def test_names_of_runs_are_data(hostile: Server, name: str, load_fast: str) -> None:
    series = _run(hostile.get("index").json, name)["series"]
    assert [len(one["steps"]) for one in series] == [12, 12]
    assert hostile.get("stats", run=name, tag="saliency").status == 200
    item = pb.Maps.FromString(hostile.get("maps", run=name, tag="grad_cam", steps=55, elements=0).body).items[0]
    if load_fast == "true" and "\n" in name:
        assert item.error == UNREADABLE_NAME
    else:
        assert item.blob == logs.cam_elements(55)[0]


@pytest.mark.parametrize("name", ["..", "../good", "/etc", "good/../good/attribution", "good/attribution/", "\0"])
def test_a_run_is_a_name_and_no_path(hostile: Server, name: str) -> None:
    answer = hostile.get("probe", run=name, hash=logs.HASH)
    assert (answer.status, answer.error["code"]) == (404, "not_found")


def test_what_a_later_writer_adds_is_passed_over(hostile: Server) -> None:
    series = _run(hostile.get("index").json, RUN)["series"]
    (later,) = (one["maps"] for one in series if one["maps"]["tag"] == "later")
    assert (later["error_kind"], later["code"], later["grids"]) == (77, 99, [{"shape": [2, 2]}])
    download = hostile.get("export", run=RUN, tag="later", format="npz")
    with np.load(io.BytesIO(download.body)) as file:
        np.testing.assert_array_equal(file["scores"][0], logs.cam(0))


def test_a_newer_format_says_which_side_to_upgrade(hostile: Server) -> None:
    (message,) = (one["message"] for one in hostile.get("index").json["problems"] if one.get("tag") == "maps/newer")
    assert message.endswith("pip install --upgrade tb-attribution-plugin where tensorboard runs")


def test_an_error_never_echoes_a_name_whole_and_is_json(hostile: Server) -> None:
    answer = hostile.get("probe", run=RUN, hash="<script>" * 1000)
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(answer.error["message"]) < 400


def test_corrupt_blobs_are_passed_on_as_they_are(hostile: Server) -> None:
    answer = hostile.get("maps", run=RUN, tag="broken", steps="0,1,3", elements=0)
    items = pb.Maps.FromString(answer.body).items
    assert [item.blob for item in items] == [logs.cam_elements(0)[0], b"TBA1 then noise", b""]


def test_an_export_names_what_it_could_not_decode(hostile: Server) -> None:
    with np.load(io.BytesIO(hostile.get("export", run=RUN, tag="broken", format="npz").body)) as file:
        np.testing.assert_array_equal(file["scores"][0], logs.cam(0))
        assert np.isnan(file["scores"][1:]).all()
        checksum, bomb, nothing = file["problems"].tolist()
    assert checksum == "step 1, element 0: checksum of a blob of 15 bytes is wrong"
    assert bomb == "step 2, element 0: payload inflates to more than 48 bytes, expected 48"
    assert nothing.startswith("step 3, element 0: blob of 0 bytes")


def test_a_claimed_number_of_elements_is_not_believed(hostile: Server, load_fast: str) -> None:
    answer = hostile.get("maps", run=RUN, tag="claims", steps=0, elements="0,1")
    if load_fast == "true":  # the data server counts for itself
        items = pb.Maps.FromString(answer.body).items
        assert (items[0].blob, items[1].error) == (b"one", "step 0 holds 1 element, no element 1")
    else:
        assert answer.status == 422
        assert "claims 1099511627776 elements in a step; 4 can be read" in answer.error["message"]


def test_a_step_has_no_more_elements_than_the_series_has_examples_and_one(hostile: Server, load_fast: str) -> None:
    answer = hostile.get("maps", run=RUN, tag="padded", steps=1, elements="0")
    if load_fast == "true":
        assert pb.Maps.FromString(answer.body).items[0].blob == b"one"
    else:
        assert answer.status == 422
        assert "'maps/padded'" in answer.error["message"]
        assert "claims 5 elements in a step; 4 can be read" in answer.error["message"]


def test_a_table_that_claims_more_than_it_holds_is_named_with_its_step(hostile: Server) -> None:
    answer = hostile.get("stats", run=RUN, tag="inflated")
    assert answer.status == 422
    assert "'stats/inflated'" in answer.error["message"]
    assert re.search(r"claims 17179869184 values in \d\d bytes at step 0$", answer.error["message"])
    assert answer.error["hint"] == "no writer makes such a tensor: remove the run, or log it again"


def test_a_scalar_that_claims_more_than_it_holds_costs_neither_memory_nor_the_index(hostile: Server) -> None:
    problems = {one["tag"]: one["message"] for one in hostile.get("index").json["problems"] if "tag" in one}
    assert "seconds/swollen" in problems["maps/swollen"]
    before = peak_mib(hostile.pid)
    answers = [
        hostile.get("scalars", run=RUN, tag="fit/swollen"),
        hostile.get("maps", run=RUN, tag="swollen", steps=0, elements="0"),
        hostile.get("export", run=RUN, tag="swollen", format="npz"),
    ]
    assert {answer.status for answer in answers} <= {200, 404, 422}
    assert peak_mib(hostile.pid) < before + 64


@pytest.mark.parametrize("tag", ["fit/swollen", "fit/worded"])
def test_an_ordinary_scalar_that_is_no_number_is_refused_in_words(hostile: Server, load_fast: str, tag: str) -> None:
    answer = hostile.get("scalars", run=RUN, tag=tag)
    if load_fast == "true":  # the data server leaves such values out
        assert answer.json["series"] == [{}]
    else:
        assert answer.status == 422
        assert re.search("claims 17179869184 values|which is no number", answer.error["message"])


def test_stats_of_a_wrong_shape_are_nan_at_that_step_and_named(hostile: Server) -> None:
    (stats,) = pb.StatsList.FromString(hostile.get("stats", run=RUN, tag="broken").body).series
    assert list(stats.steps) == [0, 1, 2, 3]
    table = logs.from_bytes(stats.values).reshape(4, 3, 2)
    assert table[0].ravel().tolist() == logs.stats_row(0)
    assert np.isnan(table[1:3]).all()
    assert table[3].ravel().tolist() == logs.stats_row(3)
    assert [problem.message for problem in stats.problems] == [
        "step 1 has the shape [1, 2], the other steps [3, 2]",
        "step 2 has no numbers, the other steps [3, 2]",
        "the series has no histogram",
    ]
    assert not stats.HasField("layout")


@pytest.mark.parametrize("tag", ["torn", "words"])
def test_stats_without_a_number_are_unreadable_not_a_failure_of_ours(hostile: Server, tag: str) -> None:
    answer = hostile.get("stats", run=RUN, tag=tag)
    assert answer.status == 422
    assert answer.error["code"] == "unreadable"
    assert f"stats/{tag}" in answer.error["message"]


def test_a_truncated_tail_loses_the_last_record_alone(hostile: Server) -> None:
    run = _run(hostile.get("index").json, "truncated/attribution")
    assert [len(series["steps"]) for series in run["series"]] == [12, 12]
    (scalars,) = hostile.get("scalars", run="truncated/attribution", tag="fit/loss").json["series"]
    assert scalars["steps"] == list(logs.STEPS[:-1])


def test_a_broken_middle_keeps_what_lies_before_it(hostile: Server) -> None:
    run = _run(hostile.get("index").json, "flipped/attribution")
    steps = run["series"][0]["steps"]
    assert 3 <= len(steps) < 12
    assert steps == list(logs.STEPS[: len(steps)])
