"""`recourse`: all commands, and what they have in common."""

from __future__ import annotations

import logging
import sys
from typing import NoReturn

import typer

from services.cli.commands import bench, clock, deadletters, policy
from services.cli.commands.claim import claim
from services.cli.commands.demo import demo
from services.cli.commands.erase import erase
from services.cli.commands.performance import performance
from services.cli.commands.provision import provision
from services.cli.commands.publish import publish
from services.cli.commands.trace import trace
from services.cli.commands.up import up
from services.cli.commands.verify import verify
from services.cli.embedded.errors import EmbeddedError
from services.cli.errors import EXIT_CODES, CommandError, Exit

app = typer.Typer(
    name="recourse",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up)
app.command()(demo)
app.command()(publish)
app.command()(claim)
app.command()(trace)
app.command()(performance)
app.add_typer(clock.app, name="clock")
app.add_typer(deadletters.app, name="deadletters")
app.command()(verify)
app.command()(erase)
app.add_typer(policy.app, name="policy")
app.add_typer(bench.app, name="bench")
app.command()(provision)


@app.callback()
def _recourse() -> None:
    """A purchase guarantee for marketplaces, on Kafka and PostgreSQL."""


_INTERRUPTED = 130
_AWAY = "The system has gone away, or does not answer."
_LOOK = "see that it still runs, and what its logs say."


def main() -> NoReturn:
    """Run the command that the arguments name; end with its exit code."""
    # Its words are for those who write services; what matters of them is in our own errors.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        app(prog_name="recourse")
    except CommandError as error:
        _end(str(error), error.code)
    except EmbeddedError as error:
        _end(str(error), Exit.NOT_REACHABLE)
    except KeyboardInterrupt:
        _end("stopped", _INTERRUPTED)
    except BrokenPipeError:  # whoever read our data has had enough
        sys.stderr.close()
        sys.exit(Exit.CHECK_FAILED)
    except Exception as error:
        if not _is_away(error):
            raise
        _end(f"{_AWAY}\n  why: {type(error).__name__}: {error}\n  what to do: {_LOOK}", Exit.NOT_REACHABLE)
    sys.exit(Exit.FINE)


def _is_away(error: BaseException) -> bool:
    """Say whether it is only that the database or Kafka has gone away."""
    from aiokafka.errors import KafkaError

    from shared.kit import db

    return isinstance(error, KafkaError) or db.is_away(error)


def _end(text: str, code: int) -> NoReturn:
    sys.stderr.write(f"recourse: {text}\n")
    sys.exit(code)
