"""Signals that ask for the end reach whoever runs, whatever else waits."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress

import pytest

from services.cli.running.interrupts import ends_as_interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_in_which_cancellations_get_lost(number: signal.Signals) -> None:
    async def deaf() -> None:
        os.kill(os.getpid(), number)
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.1)

    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), ends_as_interrupts():
        asyncio.run(deaf())
    assert signal.getsignal(number) is before
