"""How a process stops: told by SIGTERM or Ctrl-C it takes nothing new, finishes what it has in hand, and ends within its time."""

import signal
import sys
import threading
import time
from collections.abc import Iterable
from types import FrameType
from typing import TYPE_CHECKING, Final

from werkzeug.wsgi import ClosingIterator

from service.parts import Parts
from service.worker import Crew

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_LOOK_SECONDS: Final = 0.1


class InFlight:
    """A WSGI application that knows how many requests it is answering."""

    def __init__(self, application: "WSGIApplication") -> None:
        """Answer with this application."""
        self._application = application
        self._count = 0
        self._changed = threading.Condition()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; it counts until its body is sent."""
        self._add(1)
        return ClosingIterator(self._application(environ, start_response), lambda: self._add(-1))

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is being answered; False = it takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count == 0, timeout=seconds)

    def _add(self, number: int) -> None:
        with self._changed:
            self._count += number
            self._changed.notify_all()


class Stop:
    """The word to stop, and how much time is left since it came."""

    def __init__(self, seconds: float) -> None:
        """Listen from now on: SIGTERM and SIGINT are the word, and a second one ends the process at once.

        Args:
            seconds: how much time there is after the word.
        """
        self._seconds = seconds
        self._deadline: float | None = None
        for number in _SIGNALS:
            signal.signal(number, self._hear)

    def wait(self) -> None:
        """Wait for the word: by looking, because a handler must not take a lock that the thread it interrupts may hold."""
        while self._deadline is None:
            time.sleep(_LOOK_SECONDS)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._seconds if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        self._deadline = time.monotonic() + self._seconds
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)


def finish(parts: Parts, crew: Crew, stop: Stop, answering: InFlight | None = None) -> None:
    """Finish requests and work in hand; say so where the time is not enough."""
    answered = answering is None or answering.wait(stop.left)
    if not (crew.finish(stop.left) and answered):
        sys.stderr.write(
            "spinal-lesion-service: the time to stop is over; what is left in hand is taken over when its lease ends\n"
        )
    parts.database.close()
