"""A process that holds a run directory until its standard input closes. Started by the tests."""

from __future__ import annotations

import sys

from tb_attribution_plugin.logging.directory import Claim

claim = Claim(sys.argv[1], sys.argv[2], int(sys.argv[3]))
print(claim.path, flush=True)
sys.stdin.read()
