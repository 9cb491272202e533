"""Wait for SIGTERM or Ctrl-C without a lock that a second signal could block."""

import signal
import socket


class StopSignals:
    """Catches SIGINT and SIGTERM from now on, however many and however fast they come.

    Setting a ``threading.Event`` in a handler deadlocks when the next signal interrupts it.
    """

    def __init__(self):
        self._arrived, self._wakeup = socket.socketpair()
        self._wakeup.setblocking(False)
        # The interpreter's C handler writes to it, which needs no lock.
        signal.set_wakeup_fd(self._wakeup.fileno(), warn_on_full_buffer=False)
        self._handle(lambda *_: None)

    def wait(self) -> None:
        """Return when a signal has arrived, and ignore further ones while the process ends."""
        self._arrived.recv(1)
        self._handle(signal.SIG_IGN)

    @staticmethod
    def _handle(handler):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, handler)
