"""`recourse up`: the whole system on this machine, until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import addresses, screen, times
from services.cli.commands.options import JsonOption
from services.cli.errors import usage

if TYPE_CHECKING:
    from services.cli.running.system import RunningSystem
    from services.cli.running.timed import Took
    from services.cli.running.told import Teller


def up(
    ready_file: Annotated[
        Path | None,
        typer.Option(
            "--ready-file", metavar="PATH", help="Write the addresses here, as JSON, when all is ready."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help="Keep everything in this folder. By default it is gone at the end."
        ),
    ] = None,
    clock_start: Annotated[
        str | None,
        typer.Option(
            "--clock-start", metavar="RFC3339", help="What the clock shows when everything is ready."
        ),
    ] = None,
    clock_speed: Annotated[
        float | None,
        typer.Option(
            "--clock-speed",
            metavar="N",
            min=0,
            max=1_000_000,
            help="How fast it runs: 1 is real time, 0 stands still.",
        ),
    ] = None,
    environment: Annotated[list[str] | None, typer.Option("--env", hidden=True)] = None,
    json_: JsonOption = False,
) -> None:
    """Start everything on this machine: Kafka, PostgreSQL, a mail server and every service.

    It starts empty, needs nothing installed, and stops all in order at Ctrl-C or SIGTERM. A service that crashes is
    started again. The other commands find it by themselves; a second one has to be named by its ready file.
    """
    from services.cli.running.interrupts import asked_to_stop
    from services.cli.running.kept_clock import Wanted
    from services.cli.running.system import RunningSystem
    from services.cli.running.told import Teller

    wanted = Wanted(times.instant(clock_start) if clock_start else None, clock_speed)
    once = read_environment(environment or [])
    teller = Teller()
    with asked_to_stop() as stopping:
        system = RunningSystem(data, wanted, once, teller.say, stopping)
        teller.log_to(system.instance.logs / "supervisor.log")
        _run(ready_file, system, teller, stopping, as_json=json_)


def read_environment(settings: list[str]) -> Mapping[str, Mapping[str, str]]:
    """Read `service:NAME=VALUE`."""
    from services.cli.running.service_process import SERVICES

    found: dict[str, dict[str, str]] = {}
    for setting in settings:
        service, _, assignment = setting.partition(":")
        name, equals, value = assignment.partition("=")
        if service not in SERVICES or not name or not equals:
            raise usage(
                f"“{setting}” sets nothing.",
                f"it must name one of {', '.join(SERVICES)}, a setting and its value.",
                "write it like orders:LOG_LEVEL=DEBUG.",
            )
        found.setdefault(service, {})[name] = value
    return found


def _run(
    ready_file: Path | None,
    system: RunningSystem,
    teller: Teller,
    stopping: threading.Event,
    *,
    as_json: bool,
) -> None:
    """Start, tell where everything is, wait for the end, stop."""
    from services.cli.running.system import Stopped

    first = addresses.FirstUp()
    try:
        teller.busy("starting")
        found = system.start(teller.took)
        teller.idle()
        for publish in (first.publish, partial(_write, ready_file)):
            publish(found)
        _tell(found, _Start.of(system), ready_file, is_first=first.is_ours, as_json=as_json)
        stopping.wait()
    except Stopped:
        pass
    finally:
        teller.idle()
        first.close()
        if ready_file:
            ready_file.unlink(missing_ok=True)
        screen.say("recourse: stopping")
        teller.begin()
        system.close(teller.step)


def _write(ready_file: Path | None, found: addresses.System) -> None:
    if ready_file:
        addresses.write(found, ready_file)


@dataclass(frozen=True, slots=True)
class _Start:
    """What the start took: seconds step by step, and the memory of all Python processes together."""

    seconds: float
    steps: Sequence[Took]
    python_bytes: int

    @classmethod
    def of(cls, system: RunningSystem) -> _Start:
        return cls(system.timing.seconds, system.timing.steps, system.python_bytes())

    def to_json(self) -> Mapping[str, Any]:
        return {
            "seconds": round(self.seconds, 2),
            "steps": [step.to_json() for step in self.steps],
            "python_megabytes": round(self.python_bytes / 1e6),
        }


def _tell(
    found: addresses.System, start: _Start, ready_file: Path | None, *, is_first: bool, as_json: bool
) -> None:
    if as_json:
        screen.write_json({**asdict(found), "start": start.to_json()})
    lines = {
        "Kafka": found.kafka,
        "database": f"{found.database_url} (may read only)",
        "mail": f"{found.smtp_url}, kept in {found.maildir}",
        "logs": f"{found.folder}/logs",
        **found.services,
    }
    screen.say(
        f"recourse: ready after {times.length(start.seconds)}; "
        f"all Python processes together take {start.python_bytes / 1e6:.0f} MB"
    )
    for name, value in lines.items():
        screen.say(f"  {name:<14} {value}")
    if is_first:
        screen.say(
            "  In another terminal: recourse publish FILE, clock advance 48h, claim ID, trace ID, verify."
        )
    elif ready_file:
        screen.say(f"  Another system of this checkout runs: name this one with --system {ready_file}")
    else:
        screen.say("  Another system of this checkout runs: only --ready-file would let this one be found.")
    screen.say("  Ctrl-C stops everything.")
