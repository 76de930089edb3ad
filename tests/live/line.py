"""A line to the server that is as slow as one likes, and breaks when one likes."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

SLICE = 8 << 10


class Line:
    """Forwards connections to `target`; towards the server at most `bytes_per_s`."""

    def __init__(self, target: int, bytes_per_s: float) -> None:
        self.bytes_per_s, self._target, self._open = bytes_per_s, target, []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection that is open now, in the middle of whatever it carries."""
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def close(self) -> None:
        self._door.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open += [near, far]
                for one, other, limit in ((near, far, True), (far, near, False)):
                    threading.Thread(
                        target=self._pump, args=(one, other, limit), daemon=True
                    ).start()

    def _pump(self, source: socket.socket, target: socket.socket, is_slow: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(SLICE):
                target.sendall(data)
                if is_slow:
                    time.sleep(len(data) / self.bytes_per_s)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def line_to(target: int, *, bytes_per_s: float) -> Iterator[Line]:
    line = Line(target, bytes_per_s)
    try:
        yield line
    finally:
        line.close()
