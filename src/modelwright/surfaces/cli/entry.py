"""The program's first lines: from here on an interruption ends in words, while the rest is still loading."""

import sys

__all__ = ["main"]

INTERRUPTED = 130


def main() -> int:
    """Load the command line, run it, and return the exit code.

    Examples:
        >>> main.__name__
        'main'
    """
    try:
        from modelwright.surfaces.cli.main import main as run  # what takes long is loaded in here
    except KeyboardInterrupt:
        sys.stderr.write("modelwright: interrupted before anything was done.\n")
        return INTERRUPTED
    return run()
