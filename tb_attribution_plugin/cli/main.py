"""`tb-attribution`: finds the command and says what went wrong in one line."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence

import tb_attribution_plugin
from tb_attribution_plugin.cli import explain, export, inspect
from tb_attribution_plugin.cli.printable import printable

# Each has SUMMARY, add_arguments(parser) and run(arguments) -> exit code.
_COMMANDS = {"explain": explain, "export": export, "inspect": inspect}
# Exit codes, beside 0 and those that a command gives.
_REFUSED, _INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code.

    Args:
      arguments: those of the process unless given.
    """
    chosen = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # names are anybody's, and not every terminal has their characters
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return int(_COMMANDS[chosen.command].run(chosen))
    except (ValueError, TypeError, OSError, ImportError) as error:
        print(f"tb-attribution {chosen.command}: {printable(str(error))}", file=sys.stderr)
        return _REFUSED
    except MemoryError:
        print(f"tb-attribution {chosen.command}: not enough memory for what the log holds", file=sys.stderr)
        return _REFUSED
    except KeyboardInterrupt:
        print(f"\ntb-attribution {chosen.command}: interrupted", file=sys.stderr)
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tb-attribution", description="Attributions in TensorBoard logs.")
    parser.add_argument("--version", action="version", version=tb_attribution_plugin.__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in _COMMANDS.items():
        one = commands.add_parser(name, help=command.SUMMARY, description=command.SUMMARY)
        command.add_arguments(one)
    return parser
