"""Kafka's jars: exactly those of deploy/jars.txt, fetched once and kept between runs."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from services.cli.embedded.errors import EmbeddedError
from services.cli.embedded.places import CHECKOUT, cache_folder

LIST = CHECKOUT / "deploy" / "jars.txt"
URL_SETTING = "RECOURSE_MAVEN_URL"
FETCHES_AT_ONCE = 4
TRIES = 3
SILENCE_SECONDS_MAX = 30
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class Jar:
    """One line of the list: Maven coordinates, SHA-256 in hex, size in bytes."""

    group: str
    artifact: str
    version: str
    sha256: str
    size: int

    @property
    def file(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    @property
    def path(self) -> str:
        """Where a Maven repository keeps it."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.file}"


def read_list(text: str) -> list[Jar]:
    """Read lines of `group:artifact:version sha256 bytes`; `#` starts a comment."""
    jars = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            coordinates, sha256, size = line.split()
            group, artifact, version = coordinates.split(":")
            jars.append(Jar(group, artifact, version, sha256, int(size)))
    return jars


def listed() -> list[Jar]:
    """Return the jars of the checkout's list."""
    return read_list(LIST.read_text())


def fingerprint() -> str:
    """Return a short name for exactly these jars."""
    return hashlib.sha256(LIST.read_bytes()).hexdigest()[:12]


def jars_folder() -> Path:
    """Return where the jars are kept."""
    return cache_folder() / "jars"


def class_path() -> str:
    """Return the jars as Java's class path, in the list's order; fetch what is missing or not as listed."""
    jars, folder = listed(), jars_folder()
    folder.mkdir(exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second run waits, and then finds them
        with ThreadPoolExecutor(FETCHES_AT_ONCE) as pool:
            right = pool.map(lambda jar: _is_right(folder / jar.file, jar), jars)
            if missing := [jar for jar, there in zip(jars, right, strict=True) if not there]:
                _fetch(missing, folder, pool)
    return ":".join(str(folder / jar.file) for jar in jars)


def _is_right(file: Path, jar: Jar) -> bool:
    if not file.exists() or file.stat().st_size != jar.size:
        return False
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == jar.sha256


def _fetch(missing: list[Jar], folder: Path, pool: ThreadPoolExecutor) -> None:
    """Fetch several at a time; each is verified and then renamed, so a stopped fetch goes on next time."""
    for left in folder.glob("tmp*"):  # of a fetch that was killed; we hold the lock
        left.unlink()
    base = _base_url()
    size = sum(jar.size for jar in missing)
    with _progress() as progress:
        task = progress.add_task(f"Kafka: {len(missing)} files", total=size)
        fetches = [
            pool.submit(_fetch_one, jar, base, folder, lambda count: progress.advance(task, count))
            for jar in missing
        ]
        try:
            for fetch in fetches:
                fetch.result()
        finally:
            for fetch in fetches:
                fetch.cancel()


def _fetch_one(jar: Jar, base: str, folder: Path, advance: Callable[[int], None]) -> None:
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    for left in reversed(range(TRIES)):
        download = _Download(advance)
        try:
            pooch.retrieve(
                f"{base}/{jar.path}", f"sha256:{jar.sha256}", fname=jar.file, path=folder, downloader=download
            )
        except (requests.RequestException, ValueError, OSError) as error:
            advance(-download.count)
            if not left:
                raise _cannot_fetch(jar, folder, error) from error
        else:
            (folder / jar.file).chmod(0o644)
            return


class _Download:
    """What pooch calls to get one file; it tells how many bytes came, and closes its connection."""

    def __init__(self, advance: Callable[[int], None]) -> None:
        self.count = 0
        self._advance = advance

    def __call__(self, url: str, target: str, _: object) -> None:
        import requests

        with (
            requests.get(url, stream=True, timeout=SILENCE_SECONDS_MAX) as response,
            Path(target).open("wb") as file,
        ):
            response.raise_for_status()
            for chunk in response.iter_content(CHUNK_BYTES):
                file.write(chunk)
                self.count += len(chunk)
                self._advance(len(chunk))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=Console(stderr=True),
        transient=False,
    )


def _base_url() -> str:
    if told := os.environ.get(URL_SETTING):
        return told.rstrip("/")
    from jgo.constants import MAVEN_CENTRAL_URL

    return str(MAVEN_CENTRAL_URL).rstrip("/")


def _cannot_fetch(jar: Jar, folder: Path, error: Exception) -> EmbeddedError:
    return EmbeddedError(
        what=f"{jar.file}, a part of Kafka, could not be fetched.",
        why=str(error),
        remedy=(
            f"connect to the network (HTTPS_PROXY is heeded) and start again, what was fetched is kept; "
            f"or set {URL_SETTING} to a Maven repository that can be reached; "
            f"or copy the files listed in deploy/jars.txt into {folder}."
        ),
    )
