"""One service as a child process of ours."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from services.cli.embedded.instance import Instance
from services.cli.embedded.places import CHECKOUT
from services.cli.embedded.ports import LOOPBACK, free_port
from services.cli.embedded.process import Command
from services.cli.embedded.server import Server

SERVICES = ("orders", "messaging", "claims", "timer", "notifications", "performance")
"""Those that are built, in the order of the path through them."""

READY_SECONDS_MAX = 5.0


class ServiceProcess(Server):
    """`python -m services.<name>`. Its port and its instance id stay through restarts.

    `start` does not wait: a service waits by itself for what it needs. `once` is environment for its first
    start only, so that a fault test's crash happens once.
    """

    stop_seconds_max = 40.0  # more than a service takes to drain

    def __init__(
        self, instance: Instance, service: str, environment: Mapping[str, str], once: Mapping[str, str]
    ) -> None:
        super().__init__(instance, log=service)
        self.service = service
        self.port = free_port()
        self._environment = environment
        self._once = dict(once)

    @property
    def health_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def log(self) -> Path:
        return self._log

    def start(self) -> None:
        environment = {
            "PYTHONPATH": str(CHECKOUT),
            "INSTANCE_ID": f"{self.service}-1",
            "HEALTH_HOST": LOOPBACK,
            "HEALTH_PORT": str(self.port),
            **self._environment,
            **self._once,
        }
        self._once.clear()
        argv = [sys.executable, "-P", "-m", f"services.{self.service}"]
        self._child = self._instance.spawn(Command(self.service, argv, self._log, environment=environment))

    def last_words(self) -> str:
        """Return the end of its log."""
        return self._started_child().last_words()

    def why_not_ready(self) -> str | None:
        """Ask the service itself; None when it is ready."""
        return why_not_ready(self.port)


def why_not_ready(port: int) -> str | None:
    """Ask /ready on a port of loopback; None when it says yes."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=READY_SECONDS_MAX)
    try:
        connection.request("GET", "/ready")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"its health page does not answer ({error})"
    finally:
        connection.close()
    if answer.status == http.client.OK:
        return None
    try:
        return str(json.loads(body)["why"])
    except (ValueError, KeyError, TypeError):
        return f"its health page answers {answer.status}"
