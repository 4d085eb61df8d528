"""What a user types: `exported.py LOGDIR --run RUN --out FILE`."""

from __future__ import annotations

import sys

from tb_attribution_plugin.cli.main import main

sys.exit(main(["export", *sys.argv[1:]]))
