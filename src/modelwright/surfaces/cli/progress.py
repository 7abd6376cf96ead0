"""Progress on standard error: one line that moves on a terminal, plain lines elsewhere."""

import sys
from typing import TextIO

from modelwright.surfaces.cli.console import width
from modelwright.surfaces.cli.layout import cut, harmless

__all__ = ["TerminalProgress"]

BAR = 20
"""Cells of the bar that fills."""


class TerminalProgress:
    r"""Says how far long work is, without mixing with results on standard output.

    Args:
        stream: Where to say it.

    Examples:
        >>> import io
        >>> stream = io.StringIO()
        >>> TerminalProgress(stream).say("reading")
        >>> stream.getvalue()
        '  reading\n'
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        """Keep the stream."""
        self._stream = stream or sys.stderr
        self._moving = self._stream.isatty()
        self._open = False

    def step(self, text: str, done: int, total: int) -> None:
        """Say that `done` of `total` parts are finished; on a terminal the line is rewritten."""
        if self._moving:
            filled = BAR * done // total if total else BAR
            bar = "━" * filled + "─" * (BAR - filled)
            line = cut(f"  {bar} {done}/{total}  {harmless(text)}", width() - 1)  # a second line would stay
            self._stream.write(f"\r\x1b[K{line}")
            self._open = done < total
            if not self._open:
                self._stream.write("\n")
        elif done == total:
            self._stream.write(f"  {harmless(text)} {done}/{total}\n")
        self._stream.flush()

    def say(self, text: str) -> None:
        """Say one line."""
        if self._open:
            self._stream.write("\n")
            self._open = False
        self._stream.write(f"  {harmless(text)}\n")
        self._stream.flush()
