"""An archive of Kafka's classes, parsed once: Java's class data sharing.

Measured on two cores: Kafka answers after 2 s with it, after 5 s without. It is made by `prepare`, kept in
the cache, and belongs to one Java and one set of jars; without it Kafka starts as well, only later.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from services.cli.embedded import jars
from services.cli.embedded.instance import Instance
from services.cli.embedded.java import Java
from services.cli.embedded.places import cache_folder
from services.cli.embedded.process import Command

DUMP_SECONDS_MAX = 180.0


def archive_of(java: Java, class_path: str) -> Path:
    """Return where the archive for this Java and these jars is, or would be."""
    key = f"{java.executable}:{java.version}:{class_path}:{jars.fingerprint()}"
    return cache_folder() / f"kafka-classes-{hashlib.sha256(key.encode()).hexdigest()[:12]}.jsa"


def make_archive(instance: Instance, java: Java, class_path: str, options: list[str], classes: Path) -> bool:
    """Make the archive from a list of loaded classes; say whether it worked (its log says why not)."""
    scratch = instance.folder("kafka-scratch")
    dumped = scratch / "classes.jsa"
    dump = ["-Xshare:dump", f"-XX:SharedClassListFile={classes}", f"-XX:SharedArchiveFile={dumped}"]
    argv = [str(java.executable), *options, *dump, "-cp", class_path]
    command = Command("kafka-classes", argv, instance.logs / "kafka-classes.log", user=instance.user)
    child = instance.spawn(command)
    if child.wait(DUMP_SECONDS_MAX) != 0:
        child.kill()
        return False
    kept = archive_of(java, class_path)
    beside = kept.with_name(f"{kept.name}.{child.pid}")
    shutil.copyfile(dumped, beside)
    beside.rename(kept)
    return True
