"""A real Apache Kafka of one node (KRaft: broker and controller in one process) as a child process."""

from __future__ import annotations

import asyncio
import base64
import secrets
import shutil
import threading
import time
from pathlib import Path

from services.cli.embedded import jars
from services.cli.embedded.archive import archive_of
from services.cli.embedded.errors import EmbeddedError
from services.cli.embedded.instance import Instance
from services.cli.embedded.java import Java, find_java
from services.cli.embedded.places import cache_folder
from services.cli.embedded.ports import LOOPBACK, answers, free_port
from services.cli.embedded.process import Command
from services.cli.embedded.server import Server

HEAP = "-Xmx512m"
READY_SECONDS_MAX = 60.0
FORMAT_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.02
ANSWER_MS_MAX = 2000
NO_LEADER = -1

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}

# One node holds every replica there is. Durability is otherwise as Kafka has it.
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# Topics are made by those who know their settings. A dead letter may be twice as large as a record (1 MiB).
auto.create.topics.enable=false
message.max.bytes=3145728
replica.fetch.max.bytes=3145728

# Quick to start: no waiting for other members, few partitions of Kafka's own, and after kill -9 the
# controller gives the old broker up after 2 s, not 9.
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500

# A small machine.
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=33554432
"""


class Kafka(Server):
    """One node. `bootstrap` is known from the start and stays through restarts."""

    name = "Kafka"
    needs = "it needs 0.5 GB of memory and a disk with free space"

    def __init__(self, instance: Instance, *, jvm_options: tuple[str, ...] = ()) -> None:
        super().__init__(instance, log="kafka")
        self.port = free_port()
        self.controller_port = free_port()
        self._jvm_options = jvm_options
        self._folder = instance.folder("kafka")

    @property
    def bootstrap(self) -> str:
        """The address for clients, `host:port`."""
        return f"{LOOPBACK}:{self.port}"

    def start(self) -> None:
        java = find_java()
        class_path = jars.class_path()
        data = self._folder / "data"
        if not data.exists():
            shutil.copytree(_formatted(self._instance, java, class_path), data)
            _give_identity(data)
            self._instance.give(data)
        properties = self._folder / "server.properties"
        properties.write_text(
            PROPERTIES.format(host=LOOPBACK, port=self.port, controller_port=self.controller_port, data=data)
        )
        scratch = self._instance.folder("kafka-scratch")
        options = [*java_options(java, class_path), *self._jvm_options, f"-Djava.io.tmpdir={scratch}"]
        argv = [str(java.executable), *options, "-cp", class_path, "kafka.Kafka", str(properties)]
        command = Command("kafka", argv, self._log, user=self._instance.user, cwd=self._folder)
        self._instance.give(self._folder)
        self._child = self._instance.spawn(command)
        self.wait_until_ready()

    def wait_until_ready(self, seconds_max: float = READY_SECONDS_MAX) -> None:
        """Return when the broker answers requests and is in the cluster; raise EmbeddedError."""
        give_up = time.monotonic() + seconds_max
        while not (answers(self.port) and is_in_cluster(self.port)):
            if not self.running():
                raise self._failed("it ended while starting")
            if time.monotonic() > give_up:
                raise self._failed(f"it did not answer within {seconds_max:.0f} s")
            time.sleep(LOOK_SECONDS)


def java_options(java: Java, class_path: str) -> list[str]:
    """Return what Java is told for everything of Kafka's: the archive fits no others."""
    options = [
        HEAP,
        "-XX:+UseSerialGC",
        # Only the quick compiler: on two cores a broker that lives for minutes gains nothing from the slow
        # one. Measured over a start and 200 000 records: half the CPU time, the same rates.
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",  # writes to /tmp, and leaves it there after kill -9
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    ]
    archive = archive_of(java, class_path)
    return [*options, f"-XX:SharedArchiveFile={archive}"] if archive.exists() else options


def _formatted(instance: Instance, java: Java, class_path: str) -> Path:
    """Return a formatted, empty data folder, made by Kafka's own tool once and kept in the cache."""
    kept = cache_folder() / f"kafka-formatted-{jars.fingerprint()}"
    if kept.exists():
        return kept
    folder = instance.folder("kafka-format")
    properties = folder / "server.properties"
    properties.write_text(PROPERTIES.format(host=LOOPBACK, port=1, controller_port=2, data=folder / "data"))
    instance.give(folder)
    tool = ["kafka.tools.StorageTool", "format", "-t", _random_id(), "-c", str(properties)]
    argv = [str(java.executable), *java_options(java, class_path), "-cp", class_path, *tool]
    child = instance.spawn(
        Command("kafka-format", argv, instance.logs / "kafka-format.log", user=instance.user)
    )
    if child.wait(FORMAT_SECONDS_MAX) != 0:
        child.kill()
        raise EmbeddedError(
            what="Kafka's data folder could not be made.",
            why=child.last_words(),
            remedy=f"see that {java.executable} (Java {java.version}) works and {folder} has free space.",
        )
    # Copied beside and renamed: what has the name is whole. Another run may have been quicker.
    beside = kept.with_name(f"{kept.name}.{_random_id()}")
    shutil.copytree(folder / "data", beside)
    shutil.rmtree(folder)
    try:
        beside.rename(kept)
    except OSError:
        shutil.rmtree(beside)
    return kept


def _give_identity(data: Path) -> None:
    """Make a copied data folder a cluster of its own."""
    meta = data / "meta.properties"
    lines = [
        line for line in meta.read_text().splitlines() if not line.startswith(("cluster.id", "directory.id"))
    ]
    meta.write_text("\n".join([*lines, f"cluster.id={_random_id()}", f"directory.id={_random_id()}", ""]))


def _random_id() -> str:
    """Return an id as Kafka writes its own: 16 bytes in base64 without padding, not starting with a dash."""
    while (drawn := base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")).startswith("-"):
        pass
    return drawn


def is_in_cluster(port: int) -> bool:
    """Ask the broker for its metadata: it is ready when it tells of itself."""
    answer: list[bool] = []

    def ask() -> None:
        with asyncio.Runner() as runner:
            answer.append(runner.run(_tells_of_brokers(port)))

    # A thread of its own, because the caller may be inside an event loop.
    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    return answer == [True]


async def _tells_of_brokers(port: int) -> bool:
    """Say whether metadata names a broker and a leader for every partition there is."""
    from aiokafka.conn import create_conn
    from aiokafka.errors import KafkaError
    from aiokafka.protocol.metadata import MetadataRequest

    try:
        connection = await create_conn(LOOPBACK, port, request_timeout_ms=ANSWER_MS_MAX)
    except (OSError, KafkaError, TimeoutError):
        return False
    try:
        metadata = (await connection.send(MetadataRequest([]))).to_object()
    except (OSError, KafkaError, TimeoutError):
        return False
    finally:
        connection.close()
    leaders = [partition["leader"] for topic in metadata["topics"] for partition in topic["partitions"]]
    return bool(metadata["brokers"]) and NO_LEADER not in leaders
