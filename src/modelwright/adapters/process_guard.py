"""A guard for a process that holds secrets: no core dumps, no tracing by the same user, no new rights."""

import ctypes
import resource
import sys

__all__ = ["harden"]

SET_DUMPABLE = 4
"""`PR_SET_DUMPABLE` of prctl(2): at 0, no process of the same user may trace this one or read its memory."""

SET_NO_NEW_PRIVILEGES = 38
"""`PR_SET_NO_NEW_PRIVS` of prctl(2)."""


def harden() -> tuple[str, ...]:
    """Turn off what would let others read this process's memory; return what was turned off.

    On Linux: core dumps, and tracing and reading memory by processes of the same user (prctl(2)). Elsewhere:
    core dumps. Root can still read everything.

    Examples:
        >>> harden.__name__
        'harden'
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    done = ["core dumps"]
    if sys.platform.startswith("linux"):
        library = ctypes.CDLL(None, use_errno=True)
        if library.prctl(SET_DUMPABLE, 0, 0, 0, 0) == 0:
            done.append("tracing")
        if library.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
            done.append("new privileges")
    return tuple(done)
