"""Shows the median seed of `watermark.py` in TensorBoard, on a free port, until Ctrl+C.

Usage: python demo/serve.py --logdir runs
"""

from __future__ import annotations

import argparse
import pathlib
import threading

import shares
from tensorboard import program


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logdir", type=pathlib.Path, default=pathlib.Path("runs"))
    logdir = shares.median(shares.read(parser.parse_args().logdir)).logdir
    tensorboard = program.TensorBoard()
    tensorboard.configure(argv=["tensorboard", "--logdir", str(logdir), "--host", "127.0.0.1", "--port", "0"])
    url = tensorboard.launch()
    print(f"\n{logdir} in TensorBoard:  {url}#attribution\n\nCtrl+C stops it.", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
