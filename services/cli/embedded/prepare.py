"""Fetch and prepare once what every start needs: `python -m services.cli.embedded.prepare`.

Kafka's jars, PostgreSQL's cluster to copy, and the archive of Kafka's classes. What is there already is
not made again. Exit code 3 when something can't be had.
"""

from __future__ import annotations

import sys
import time

from services.cli.embedded import jars
from services.cli.embedded.archive import archive_of, make_archive
from services.cli.embedded.errors import EmbeddedError
from services.cli.embedded.instance import Instance
from services.cli.embedded.java import Java, find_java
from services.cli.embedded.kafka import Kafka, java_options
from services.cli.embedded.postgres import Postgres
from services.cli.embedded.system import stopping

EXIT_NOT_REACHABLE = 3


def prepare() -> None:
    """Make whatever is missing; raise EmbeddedError."""
    java, class_path = find_java(), jars.class_path()
    if archive_of(java, class_path).exists():
        return
    _say("preparing PostgreSQL and Kafka, once")
    began = time.monotonic()
    with Instance() as instance:
        with stopping(postgres := Postgres(instance)):
            postgres.start()
        made = _archive_kafka(instance, java, class_path)
    _say(f"prepared in {time.monotonic() - began:.0f} s{'' if made else ', but Kafka will start slowly'}")


def _archive_kafka(instance: Instance, java: Java, class_path: str) -> bool:
    """Let Kafka run once and note the classes that it loads; they are what the archive holds."""
    classes = instance.folder("kafka-scratch") / "classes.txt"
    with stopping(kafka := Kafka(instance, jvm_options=(f"-XX:DumpLoadedClassList={classes}",))):
        kafka.start()
    return make_archive(instance, java, class_path, java_options(java, class_path), classes)


def _say(text: str) -> None:
    sys.stderr.write(f"recourse: {text}\n")


def main() -> int:
    """Prepare; return the exit code."""
    try:
        prepare()
    except EmbeddedError as error:
        _say(str(error))
        return EXIT_NOT_REACHABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
