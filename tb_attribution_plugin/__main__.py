"""`python -m tb_attribution_plugin`, the same as `tb-attribution`."""

import sys

from tb_attribution_plugin.cli.main import main

sys.exit(main())
