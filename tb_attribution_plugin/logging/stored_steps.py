"""Which steps a directory already holds, read from record headers alone: fast however large the files are."""

from __future__ import annotations

from tb_attribution_plugin.logging import location, records

# Wire tags of tensorboard.Event: wall_time (double), step (varint), summary and session_log (messages).
_WALL_TIME, _STEP, _SUMMARY, _SESSION_LOG = 0x09, 0x10, 0x2A, 0x3A
_PREFIX = 32


def event_files(directory: str) -> list[str]:
    """Event files of one directory in the order in which TensorBoard reads them."""
    try:
        names = location.file_names(directory)
    except OSError:
        return []
    return [location.join(directory, name) for name in sorted(names) if "tfevents" in name]


def stored_steps(directory: str) -> tuple[int, int] | None:
    """First and last step that readers see in a directory; None where there is none.

    Relies on events being written in the order of their field numbers, as every protobuf library does; what does not
    look like that, or is damaged, counts as absent.
    """
    steps: list[int] = []
    for path in event_files(directory):
        try:
            for kind, step in _heads(path):
                if kind == _SESSION_LOG:
                    steps = [kept for kept in steps if kept < step]
                elif kind == _SUMMARY:
                    steps.append(step)
        except OSError:
            continue
    return (min(steps), max(steps)) if steps else None


def _heads(path: str) -> list[tuple[int, int]]:
    found = []
    with location.opened(path) as file:
        size = location.length(file)
        offset = 0
        while offset + records.HEADER_SIZE <= size:
            file.seek(offset)
            head = file.read(records.HEADER_SIZE + _PREFIX)
            length = records.read_header(head[: records.HEADER_SIZE]) if len(head) >= records.HEADER_SIZE else None
            if length is None:
                break
            offset += records.HEADER_SIZE + length + records.FOOTER_SIZE
            if offset > size:
                break
            found.append(_kind_and_step(head[records.HEADER_SIZE :][:length]))
    return found


def _kind_and_step(prefix: bytes) -> tuple[int, int]:
    at, step = 0, 0
    if prefix[:1] == bytes([_WALL_TIME]):
        at = 9
    if prefix[at : at + 1] == bytes([_STEP]):
        at += 1
        for shift in range(0, 70, 7):
            byte = prefix[at] if at < len(prefix) else 0
            step |= (byte & 0x7F) << shift
            at += 1
            if byte < 0x80:
                break
    return (prefix[at] if at < len(prefix) else 0), step
