"""Health and readiness over HTTP. Readiness looks at the consumer, the relay and the database themselves."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.kit.metrics import REGISTRY

WhyNotReady = Callable[[], Awaitable[str | None]]


def application(service: str, why_not_ready: WhyNotReady) -> Starlette:
    """Build the pages: /health says that the process runs, /ready whether it does its work, /metrics how much."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"service": service, "status": "running"})

    async def ready(_request: Request) -> Response:
        why = await why_not_ready()
        body = {"service": service, "ready": why is None} | ({"why": why} if why else {})
        return JSONResponse(body, status_code=200 if why is None else 503)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/health", health), Route("/ready", ready), Route("/metrics", metrics)])


class HealthServer(uvicorn.Server):
    """A server that leaves signals to the runtime."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def server(app: Starlette, host: str, port: int) -> HealthServer:
    """Build the server; `serve()` runs it."""
    return HealthServer(
        uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, lifespan="off")
    )
