"""Listening: taking an address, or saying in words why it cannot be taken."""

import socket

from modelwright.kernel.errors import WorldFault

__all__ = ["listen"]


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address; port 0 takes a free one.

    Args:
        host: An address of this machine.
        port: The port.

    Raises:
        WorldFault: When the address cannot be taken.

    Examples:
        >>> with listen("127.0.0.1", 0) as taken:
        ...     taken.getsockname()[1] > 0
        True
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise WorldFault(
            f"the scorer cannot listen on {host}:{port}: {error.strerror or error}",
            why="another process may have the port, or the address is not of this machine",
            next_step="stop the other process, choose another port, or port 0 for a free one",
        ) from error
    return listener
