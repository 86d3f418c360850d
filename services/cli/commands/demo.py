"""`recourse demo`: the whole system, and a story played on it."""

from __future__ import annotations

import typer

from services.cli import screen
from services.cli.commands.options import JsonOption
from services.cli.errors import Exit


def demo(json_: JsonOption = False) -> None:
    """Start everything, play a story of nine chapters on the virtual clock, and show what came of it.

    About 160 days pass in about a minute: a matter settled by message, silence, a missed request, an answer in time and
    one that is read late, an appeal won on day 29, a payment never verified, a shipment never confirmed; then a service
    and Kafka are killed. It ends with outcomes, debits, mails, the reasons of every decision, and the invariants.
    """
    from services.cli.running.interrupts import asked_to_stop
    from services.cli.running.kept_clock import Wanted
    from services.cli.running.system import RunningSystem, Stopped
    from services.cli.running.told import Teller
    from services.cli.story.performance import perform
    from services.cli.story.script import START

    teller = Teller()
    code = Exit.CHECK_FAILED
    with asked_to_stop() as stopping:
        running = RunningSystem(None, Wanted(START, 0.0), {}, teller.say, stopping)
        try:
            teller.busy("starting")
            system = running.start(teller.took)
            teller.idle()
            code = perform(running, system, stopping, as_json=json_)
        except Stopped:
            screen.say("recourse: the demo was stopped")
        finally:
            teller.idle()
            screen.say("recourse: stopping")
            teller.begin()
            running.close(teller.step)
    raise typer.Exit(code)
