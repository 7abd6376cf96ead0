"""A line to a server on loopback that is cut after so many bytes."""

import contextlib
import socket
import threading


class CutLine:
    """Passes bytes on, both ways, until the server has sent so many; then both ends are closed.

    Args:
        port: Where the server listens.
        after: Bytes from the server that still get through.
    """

    def __init__(self, port, *, after):
        """Listen on a port of its own."""
        self.target = port
        self.after = after
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self):
        """Take one connection."""
        self.thread.start()
        return self

    def __exit__(self, *_):
        """Wait until it is over."""
        self.thread.join()
        self.listener.close()

    def _serve(self):
        near, _ = self.listener.accept()
        far = socket.create_connection(("127.0.0.1", self.target))
        back = threading.Thread(target=self._pass, args=(near, far, None))
        back.start()
        self._pass(far, near, self.after)
        for end in (near, far):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        back.join()
        near.close()
        far.close()

    @staticmethod
    def _pass(source, target, most):
        passed = 0
        with contextlib.suppress(OSError):
            while piece := source.recv(4096):
                passed += len(piece)
                if most is not None and passed > most:
                    return
                target.sendall(piece)
