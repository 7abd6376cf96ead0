"""Passphrases: typed at the terminal itself, and taken from nowhere else."""

import os
import signal
import termios

from modelwright.kernel.errors import ApprovalRefused

__all__ = ["ask_passphrase"]

LONGEST = 4096
"""Bytes of a line that a terminal hands over."""


def ask_passphrase(question: str) -> str:
    """Ask for a passphrase at the controlling terminal, without showing it.

    Standard input is never read: what comes through a pipe was not typed by a person.

    Args:
        question: What is asked.

    Raises:
        ApprovalRefused: When there is no terminal.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        raise ApprovalRefused.without_terminal() from error
    try:
        # Polars lets interrupted system calls go on, so that Ctrl-C would wait for Enter; this undoes it.
        signal.siginterrupt(signal.SIGINT, True)
        before = termios.tcgetattr(terminal)
        silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
        try:
            # TCSAFLUSH forgets what was typed ahead: a passphrase is typed after the question.
            termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)
            os.write(terminal, question.encode("utf-8", errors="replace"))
            line = os.read(terminal, LONGEST)
        finally:
            termios.tcsetattr(terminal, termios.TCSANOW, before)
            os.write(terminal, b"\n")
    except termios.error as error:
        raise ApprovalRefused.without_terminal() from error
    finally:
        os.close(terminal)
    if not line:
        raise KeyboardInterrupt
    return line.rstrip(b"\r\n").decode("utf-8", errors="surrogateescape")
