"""Nothing committed depends on where packages come from, or on the machine that it was written on."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
# In parts, so that this file does not hold what it forbids.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("repo", "maven", "apache", "org"),
        ("repo1", "maven", "org"),
        ("central", "sonatype", "com"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("proxy", "golang", "org"),
        ("registry-1", "docker", "io"),
        ("index", "docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("gcr", "io"),
        ("mcr", "microsoft", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
    )
]
HOST = re.compile("|".join(rf"(?<![\w-]){re.escape(host)}(?![\w-])" for host in HOSTS))
FOLDERS = ["/" + name + "/" for name in ("work", "root", "home", "tmp")]
MACHINE_PATH = re.compile(
    "|".join(rf"(?<![\w.~/-])/{name}/" for name in ("work", "root", r"home/\w+", "tmp/w"))
)


def tracked_files() -> list[Path]:
    if shutil.which("git") is None or not (CHECKOUT / ".git").exists():
        pytest.skip("not a git checkout: what is tracked is not known")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := CHECKOUT / name).is_file()]


@cache
def texts() -> dict[Path, str]:
    return {path: path.read_bytes().decode(errors="ignore") for path in tracked_files()}


def found(pattern: re.Pattern[str], words: Sequence[str]) -> list[str]:
    """Find a pattern in all files; what it finds holds one of these words, which are looked for much faster."""
    places = []
    for path, text in texts().items():
        if not any(word in text for word in words):
            continue
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            places.append(f"{path.relative_to(CHECKOUT)}:{line}: {match[0]}")
    return places


def test_no_registry_is_named() -> None:
    assert found(HOST, HOSTS) == []


def test_no_path_of_a_machine_is_named() -> None:
    assert found(MACHINE_PATH, FOLDERS) == []


def test_the_lock_names_no_index_and_pins_everything() -> None:
    lock = (CHECKOUT / "deploy" / "requirements.lock").read_text()
    entries = [entry for entry in re.split(r"\n(?=\S)", lock) if not entry.startswith("#")]
    assert len(entries) > 20
    assert [entry for entry in entries if entry.startswith("-") or "://" in entry] == []
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_would_be_found(host: str) -> None:
    assert HOST.search(f"--index-url https://{host}/simple")


@pytest.mark.parametrize("path", ["/" + "work/main/x", "see /" + "root/.cache", '"/' + 'home/someone/x"'])
def test_a_path_would_be_found(path: str) -> None:
    assert MACHINE_PATH.search(path)


@pytest.mark.parametrize(
    "text", ["services/work/x", "my-crates" + ".io-like", "https://example.org/work/x", "./work/x"]
)
def test_what_only_looks_like_it_is_not_found(text: str) -> None:
    assert not HOST.search(text)
    assert not MACHINE_PATH.search(text)
