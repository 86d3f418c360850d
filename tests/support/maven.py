"""A Maven repository on loopback that serves what is in a folder, or something else instead."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Answer = Callable[[str], bytes | None]


@dataclass
class Repository:
    """Its address, and the paths that were asked for."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def repository(answer: Answer) -> Iterator[Repository]:
    """Serve what `answer` gives for a path (None is 404)."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            running.asked.append(self.path)
            body = answer(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running = Repository(f"http://127.0.0.1:{server.server_port}/maven2")
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield running
        finally:
            server.shutdown()
            serving.join()
