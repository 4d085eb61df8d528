"""TFRecord framing, byte by byte, and what a damaged file still gives."""

from __future__ import annotations

import struct

import pytest

from tb_attribution_plugin.logging.records import Damage, Record, frame, masked, read_at, scan


def write(path, *chunks: bytes) -> str:
    path.write_bytes(b"".join(chunks))
    return str(path)


def payloads(path: str) -> list[bytes]:
    return [item.data for item in scan(path) if isinstance(item, Record)]


def damages(path: str) -> list[Damage]:
    return [item for item in scan(path) if isinstance(item, Damage)]


def test_masked_crc_of_the_check_string():
    # CRC-32C of "123456789" is e3069283; rotated right by 15 and raised by a282ead8.
    crc = 0xE3069283
    assert masked(b"123456789") == (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def test_a_frame_is_length_checksum_data_checksum():
    data = frame(b"abc")
    assert data[:8] == struct.pack("<Q", 3)
    assert data[8:12] == struct.pack("<I", masked(struct.pack("<Q", 3)))
    assert data[12:15] == b"abc"
    assert data[15:] == struct.pack("<I", masked(b"abc"))


def test_records_come_back_with_their_places(tmp_path):
    path = write(tmp_path / "f", frame(b"one"), frame(b""), frame(b"three"))
    assert list(scan(path)) == [Record(0, b"one"), Record(19, b""), Record(35, b"three")]
    assert read_at(path, 35) == b"three"


def test_an_empty_file_holds_nothing(tmp_path):
    assert list(scan(write(tmp_path / "f"))) == []


@pytest.mark.parametrize("cut", range(1, 21))
def test_a_file_cut_anywhere_gives_what_is_whole(tmp_path, cut):
    path = write(tmp_path / "f", frame(b"one"), frame(b"three")[:-cut])
    assert payloads(path) == [b"one"]
    (damage,) = damages(path)
    assert (damage.offset, damage.rest_lost) == (19, True)
    assert "truncated" in damage.message
    assert f"{path} at byte 19: " in str(damage)


def test_a_broken_record_is_skipped_and_the_rest_is_read(tmp_path):
    middle = bytearray(frame(b"two"))
    middle[13] ^= 1
    path = write(tmp_path / "f", frame(b"one"), bytes(middle), frame(b"three"))
    assert payloads(path) == [b"one", b"three"]
    (damage,) = damages(path)
    assert (damage.offset, damage.rest_lost) == (19, False)
    assert "checksum of a record of 3 bytes is wrong" in damage.message
    with pytest.raises(ValueError, match="checksum of a record of 3 bytes"):
        read_at(path, 19)


def test_a_broken_length_loses_the_rest(tmp_path):
    middle = bytearray(frame(b"two"))
    middle[0] ^= 1
    path = write(tmp_path / "f", frame(b"one"), bytes(middle), frame(b"three"))
    assert payloads(path) == [b"one"]
    (damage,) = damages(path)
    assert (damage.offset, damage.rest_lost) == (19, True)
    assert "checksum of a record's length is wrong; 40 bytes lost" in damage.message


def test_a_length_beyond_the_file_allocates_nothing(tmp_path):
    length = struct.pack("<Q", 1 << 62)
    path = write(tmp_path / "f", length + struct.pack("<I", masked(length)) + b"x" * 50)
    (damage,) = damages(path)
    assert f"a record of {1 << 62} bytes" in damage.message
    with pytest.raises(ValueError, match="no intact record"):
        read_at(path, 0)
