"""Threads: how many fits are done at a time, and what keeps threads from getting into each other's way.

OpenMP's threads spin while they wait. Alone on a machine that saves microseconds; beside a busy neighbour a
spinning thread holds the core the other one needs, and gradient boosting was seen to take 20.6 s in place
of 1.6 s. A passive wait policy puts waiting threads to sleep. The OpenMP runtime reads it once, when it is
loaded with the first library that uses it; so it must be in the environment of the process before: the
command line puts it there first of all, and child processes are started with `PASSIVE_WAITING`.
"""

from collections.abc import Mapping

__all__ = ["PASSIVE_WAITING", "default_threads", "waiting_passively"]

PASSIVE_WAITING: Mapping[str, str] = {"OMP_WAIT_POLICY": "passive"}
"""What must stand in the environment before the OpenMP runtime is loaded."""

MOST_THREADS = 8
"""Tables that fit one machine gain little from more."""


def default_threads(cores: int) -> int:
    """Return the threads a training uses by default on a machine with so many cores.

    So many fits are done at a time, each with one thread; results do not depend on it.

    Examples:
        >>> default_threads(2), default_threads(64), default_threads(0)
        (2, 8, 1)
    """
    return max(1, min(cores, MOST_THREADS))


def waiting_passively(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for a child process, with passive waiting unless it asks for another policy.

    Examples:
        >>> waiting_passively({"HOME": "here"})
        {'OMP_WAIT_POLICY': 'passive', 'HOME': 'here'}
    """
    return {**PASSIVE_WAITING, **environment}
