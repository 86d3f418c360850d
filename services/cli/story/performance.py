"""The demo from its first step to its last table."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.cli import quiet, reader, screen
from services.cli.addresses import System
from services.cli.checks import Finding, verify
from services.cli.claim_story import ClaimStory, stories
from services.cli.commands.verify import print_table
from services.cli.errors import CommandError, Exit
from services.cli.policies import catalogue
from services.cli.publishing import Publisher, producer
from services.cli.running.system import RunningSystem, Stopped
from services.cli.story import burst, ending
from services.cli.story.hearing import Ear
from services.cli.story.mails import Mail, received
from services.cli.story.script import START, chapters, opening
from services.cli.story.stage import HEARD, Stage

_LOOK_SECONDS = 0.1
_QUIET_SECONDS_MAX = 30.0


def perform(running: RunningSystem, system: System, stopping: threading.Event, *, as_json: bool) -> Exit:
    """Play the story, show its end, and say whether all is as it must be. Raises Stopped when it is called off.

    As JSON, each line of the story is an object, and so is the end.
    """
    return asyncio.run(_until_stopped(_Performance(running, system, as_json=as_json), stopping))


async def _until_stopped(performance: _Performance, stopping: threading.Event) -> Exit:
    playing = asyncio.ensure_future(performance.play())
    while not playing.done():
        await asyncio.wait({playing}, timeout=_LOOK_SECONDS)
        if stopping.is_set():
            playing.cancel()
            with suppress(asyncio.CancelledError):
                await playing
            raise Stopped
    return playing.result()


class _Performance:
    def __init__(self, running: RunningSystem, system: System, *, as_json: bool) -> None:
        self._as_json = as_json
        self._running = running
        self._system = system
        self._began = time.monotonic()
        self._chapters = chapters(START + timedelta(hours=1))

    async def play(self) -> Exit:
        """Play everything and return the exit code."""
        prologue = opening(START)
        steps = len(prologue) + sum(len(chapter.steps) for chapter in self._chapters) + burst.STEPS
        async with AsyncExitStack() as stack:
            look = await stack.enter_async_context(quiet.looking(self._system, self._running.clock.file.now))
            ear = await stack.enter_async_context(Ear(self._system, HEARD))
            publisher = Publisher(await stack.enter_async_context(producer(self._system)))
            progress = stack.enter_context(screen.bar())
            task = progress.add_task("", total=steps)
            stage = Stage(
                self._running.clock.file, look, ear, publisher, progress, task, as_json=self._as_json
            )
            stage.title("Recourse: a purchase guarantee for marketplaces", _WHAT_IT_IS)
            for step in prologue:
                await stage.take(step, "")
            for chapter in self._chapters:
                await stage.play(chapter)
            killed = burst.Burst(stage, look, self._running.services["claims"], self._running.kafka)
            counted = await killed.play()
        return await self._end(stage, counted)

    async def _end(self, stage: Stage, counted: burst.Counted) -> Exit:
        mails = received(Path(self._running.mail.maildir))
        found = ending.ends(self._chapters, stage.facts, mails)
        told = await self._stories()
        findings = await verify(self._system, _QUIET_SECONDS_MAX)
        code = _exit_code(found, counted, findings)
        if self._as_json:
            screen.write_json(ending.to_json(found, told, mails) | _rest_to_json(code, counted, findings))
        else:
            self._show(stage, counted, found, mails, told, findings)
        return code

    def _show(
        self,
        stage: Stage,
        counted: burst.Counted,
        found: Sequence[ending.End],
        mails: Sequence[Mail],
        told: Sequence[ClaimStory],
        findings: Sequence[Finding],
    ) -> None:
        shown = [chapter.order.order_id for chapter in self._chapters]
        tables = ending.outcomes(found), ending.debits(stage.facts, shown), ending.mails_table(mails, shown)
        for table in tables:
            self._print("")
            screen.out().print(table)
        self._print("")
        self._print(_told(counted), "bold green" if counted.is_right else "bold red")
        self._print(f"{len(mails)} mails in all were received by the mail server.")
        self._print("")
        self._print("Every decision, rule by rule", "bold underline")
        for line, style in ending.reasons(told):
            self._print(line, style)
        self._print("")
        self._print("The invariants, checked by `recourse verify`", "bold underline")
        print_table(findings)
        self._print("")
        self._print(f"The demo took {time.monotonic() - self._began:.0f} s, without the start.")
        self._print(_NEXT)

    async def _stories(self) -> Sequence[ClaimStory]:
        found: list[ClaimStory] = []
        known = catalogue(self._system)
        async with reader.database(self._system) as connection:
            for chapter in self._chapters:
                with suppress(CommandError):  # a chapter without a claim
                    found += await stories(connection, chapter.order.order_id, known)
        return found

    def _print(self, text: str, style: str = "") -> None:
        screen.out().print(text, style=style, markup=False, soft_wrap=True)


_WHAT_IT_IS = (
    "Buyers write to sellers; deadlines run; claims are decided by rules, and each grant is debited once. You see a "
    "real Kafka, PostgreSQL and mail server, and six services that talk only through Kafka. Only the clock is "
    "virtual; times are those of the marketplace, in Los Angeles."
)
_NEXT = """
Keep it open and play yourself:
  ./deploy/run up                  starts the same system, empty, and tells where everything is
  ./deploy/run publish FILE        sends events to it, one JSON object a line
  ./deploy/run clock advance 48h   lets two days pass
  ./deploy/run claim ID            tells a claim's story (--language zh: in Chinese)
  ./deploy/run trace ID            follows an order through all services
  ./deploy/run verify              checks the invariants above
  ./deploy/run policy backtest ID  replays your claims under another policy: 2021-zh, classic, or a file"""


def _told(counted: burst.Counted) -> str:
    return (
        f"kill -9 of a service and of Kafka: {counted.orders} orders, {counted.debited} sellers' debits, "
        f"{counted.twice} debited twice."
    )


def _rest_to_json(code: Exit, counted: burst.Counted, findings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "ok": code == Exit.FINE,
        "burst": asdict(counted),
        "checks": [finding.to_json() for finding in findings],
    }


def _exit_code(found: Sequence[ending.End], counted: burst.Counted, findings: Sequence[Finding]) -> Exit:
    if any(finding.status == "broken" for finding in findings):
        return Exit.BROKEN
    is_right = counted.is_right and all(end.wrong is None for end in found)
    return Exit.FINE if is_right else Exit.CHECK_FAILED
