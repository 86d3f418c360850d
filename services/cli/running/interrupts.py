"""Signals that ask for the end: what was begun is finished in order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NoReturn

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextmanager
def asked_to_stop() -> Iterator[threading.Event]:
    """Give an event that SIGTERM, SIGINT (Ctrl-C) and SIGHUP (a closed terminal) set, within the block."""
    asked = threading.Event()
    with _handled(lambda *_: asked.set()):
        yield asked


def ends_as_interrupts() -> AbstractContextManager[None]:
    """Let each of them raise KeyboardInterrupt within the block.

    Ctrl-C too, by a handler of ours: in place of Python's own, `asyncio.run` puts one that cancels the main task, and a
    cancellation can get lost (`asyncio.wait_for` drops one that comes with the result, until Python 3.12).
    """
    return _handled(_interrupt)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def _handled(handler: Callable[..., object]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
