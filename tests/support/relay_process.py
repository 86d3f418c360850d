"""A relay alone in a process, to be killed and frozen: `python -m tests.support.relay_process URL BOOTSTRAP`."""

from __future__ import annotations

import asyncio
import sys

from shared.kit.limits import Limits
from shared.kit.relay import Relay
from tests.support.toy import NAME

QUICK = Limits(relay_poll_seconds=0.2, lease_seconds=1.5)


def main(database_url: str, bootstrap_servers: str) -> None:
    """Relay until killed."""
    with asyncio.Runner() as runner:
        runner.run(Relay(database_url, bootstrap_servers, NAME, QUICK).run())


if __name__ == "__main__":
    main(*sys.argv[1:])
