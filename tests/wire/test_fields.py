from __future__ import annotations

import pytest

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, fields


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (b"\x1a\x02\x07\x05", [7, 5]),  # packed
        (b"\x18\x07\x18\x05", [7, 5]),  # one by one
        (b"\x1a\x00", []),
        (b"\x18\x87\x80\x00", [7]),  # a number in more bytes than it needs
    ],
)
def test_repeated_numbers_are_read_packed_or_not(body, shape):
    assert list(blob.parse(body, pb.Part).shape) == shape


def test_fields_of_a_later_version_are_passed_over_whatever_their_type():
    later = b"\x98\x06\x01" + b"\xa1\x06" + bytes(8) + b"\xaa\x06\x03abc" + b"\xb5\x06" + bytes(4)
    assert blob.parse(later + pb.Part(count=3).SerializeToString(), pb.Part).count == 3


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\x20", "no number"),
        (b"\x20" + b"\xff" * 9 + b"\x02", "no number"),  # 2^64 and more
        (b"\x80\x80\x80\x80\x80\x00\x01", "no number"),  # a tag of six bytes
        (b"\x00\x01", "Part has no field 0 of wire type 0"),
        (b"\x25\x00\x00\x00\x00", "Part has no field 4 of wire type 5"),
        (b"\x22\x00", "Part has no field 4 of wire type 2"),  # one number is never packed
        (b"\x9b\x06\x9c\x06", "unknown wire type 3"),  # a group
        (b"\x3a\x05abcd", "field 7 of Part goes on behind its end"),
        (b"\x32\x02\x0d\x00", "field 1 of Companding goes on behind its end"),
        (b"\x32\x06\x0d" + bytes(4), "field 6 of Part goes on behind its end"),
        (b"\x1a\x01\x80", "no number"),
    ],
)
def test_what_is_no_part_is_refused_with_its_place(body, words):
    with pytest.raises(blob.CorruptBlobError, match=rf"bytes hold no Part: .*{words}.* \(byte \d+\)"):
        blob.parse(body, pb.Part)


def test_packed_numbers_of_fixed_width_are_whole():
    with pytest.raises(blob.CorruptBlobError, match="9 bytes of 8-byte numbers"):
        blob.parse(b"\x0a\x09" + bytes(9), pb.Stats)
    assert list(blob.parse(b"\x0a\x08" + bytes(8), pb.Stats).steps) == [0.0]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\x0a\x00" * fields.MAX_MESSAGES, f"more than {fields.MAX_MESSAGES} messages"),
        (b"\x78\x00" * (fields.MAX_FIELDS + 1), f"more than {fields.MAX_FIELDS} fields"),
    ],
)
def test_two_bytes_a_field_do_not_become_any_number_of_objects(body, words):
    with pytest.raises(blob.CorruptBlobError, match=words):
        blob.parse(body, pb.MapBlob)
    assert len(blob.parse(body[:-200_000], pb.MapBlob).parts) in (0, len(body[:-200_000]) // 2)
