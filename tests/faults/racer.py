"""A process that writes to a directory as soon as it is told to. Started by the tests.

A line of input: the directory, a number for its maps, and whether to wait for one more line before it is closed.
"""

from __future__ import annotations

import json
import os
import sys
import warnings

from tests.faults import logs

print("ready", flush=True)
for line in sys.stdin:
    log_dir, session, holds = json.loads(line)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with logs.writer(log_dir) as writer:
            logs.log(writer, [0], session)
            answer = os.path.basename(writer.path), session
            if holds:
                print(json.dumps([*answer, [str(one.message) for one in caught]]), flush=True)
                sys.stdin.readline()
    print(json.dumps("closed" if holds else [*answer, [str(one.message) for one in caught]]), flush=True)
