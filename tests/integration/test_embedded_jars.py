"""Kafka's jars come from a Maven repository once, are verified, and are kept."""

import hashlib
import threading
from pathlib import Path

import pytest

from services.cli.embedded import jars
from services.cli.embedded.errors import EmbeddedError
from services.cli.embedded.places import CACHE_SETTING
from services.cli.embedded.ports import free_port
from tests.support.maven import repository

CONTENTS = {f"part-{number}": bytes([number]) * 100_000 for number in range(8)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a list of eight small jars."""
    lines = [
        f"org.example.{name}:{name}:1.0 {hashlib.sha256(content).hexdigest()} {len(content)}"
        for name, content in CONTENTS.items()
    ]
    listing = tmp_path / "jars.txt"
    listing.write_text("\n".join(["# comment", *lines, ""]))
    monkeypatch.setattr(jars, "LIST", listing)
    monkeypatch.setenv(CACHE_SETTING, str(tmp_path / "cache"))
    return tmp_path / "cache" / "jars"


def serve(path: str) -> bytes | None:
    """Answer as a repository with all of them would."""
    name = path.rsplit("/", maxsplit=1)[-1].removesuffix("-1.0.jar")
    assert path == f"/maven2/org/example/{name}/{name}/1.0/{name}-1.0.jar"
    return CONTENTS.get(name)


def names_of(folder: Path) -> set[str]:
    return {path.name.removesuffix("-1.0.jar") for path in folder.iterdir() if path.suffix == ".jar"}


def test_they_are_fetched_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with repository(serve) as maven:
        monkeypatch.setenv(jars.URL_SETTING, maven.url)
        class_path = jars.class_path()
        assert jars.class_path() == class_path
    assert [Path(part).read_bytes() for part in class_path.split(":")] == list(CONTENTS.values())
    assert len(maven.asked) == len(CONTENTS)
    assert names_of(folder) == set(CONTENTS)


def test_what_was_fetched_is_kept_when_the_rest_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with repository(lambda path: None if "part-7" in path else serve(path)) as maven:
        monkeypatch.setenv(jars.URL_SETTING, maven.url)
        with pytest.raises(EmbeddedError, match=r"part-7-1\.0\.jar, a part of Kafka, could not be fetched"):
            jars.class_path()
    (folder / "tmpleft").write_bytes(b"of a fetch that was killed")
    with repository(serve) as maven:
        monkeypatch.setenv(jars.URL_SETTING, maven.url)
        jars.class_path()
    assert [path.split("/")[-1] for path in maven.asked] == ["part-7-1.0.jar"]
    assert not (folder / "tmpleft").exists()


def test_a_jar_that_is_not_as_listed_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with repository(lambda path: b"evil" if "part-3" in path else serve(path)) as maven:
        monkeypatch.setenv(jars.URL_SETTING, maven.url)
        with pytest.raises(EmbeddedError, match=r"part-3-1\.0\.jar"):
            jars.class_path()
    assert "part-3" not in names_of(folder)


def test_a_jar_that_was_changed_on_disk_is_fetched_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with repository(serve) as maven:
        monkeypatch.setenv(jars.URL_SETTING, maven.url)
        jars.class_path()
        (folder / "part-2-1.0.jar").write_bytes(b"x" * len(CONTENTS["part-2"]))
        jars.class_path()
    assert (folder / "part-2-1.0.jar").read_bytes() == CONTENTS["part-2"]


@pytest.mark.usefixtures("folder")
def test_two_runs_at_once_fetch_each_jar_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with repository(serve) as maven:
        monkeypatch.setenv(jars.URL_SETTING, maven.url)
        runs = [threading.Thread(target=jars.class_path) for _ in range(2)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
    assert len(maven.asked) == len(CONTENTS)


def test_without_a_network_it_says_what_why_and_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(jars.URL_SETTING, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(EmbeddedError) as raised:
        jars.class_path()
    assert ".jar, a part of Kafka, could not be fetched" in raised.value.what
    assert "Connection refused" in raised.value.why
    assert jars.URL_SETTING in raised.value.remedy
    assert str(folder) in raised.value.remedy


def test_the_checked_in_list_is_one_kafka() -> None:
    listed = jars.listed()
    kafkas = {jar.version for jar in listed if jar.group == "org.apache.kafka"}
    assert len(kafkas) == 1
    assert len({jar.file for jar in listed}) == len(listed)
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in listed)
