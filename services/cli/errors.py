"""How a command ends: its exit code, and the one error that says what is wrong, why, and what to do."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes. They are part of the interface: scripts depend on them."""

    FINE = 0
    CHECK_FAILED = 1
    USAGE = 2
    NOT_REACHABLE = 3
    BROKEN = 4


EXIT_CODES = "Exit codes: 0 fine, 1 a check failed, 2 wrong usage, 3 not reachable, 4 an invariant is broken."


class CommandError(Exception):
    """A command can't do its work.

    `what` is what failed, `why` the cause, `remedy` what a person can do about it.
    """

    def __init__(self, code: Exit, *, what: str, why: str, remedy: str) -> None:
        self.code = code
        self.what = what
        self.why = why
        super().__init__(f"{what}\n  why: {why}\n  what to do: {remedy}")


def usage(what: str, why: str, remedy: str) -> CommandError:
    """Say that the command was not meant so."""
    return CommandError(Exit.USAGE, what=what, why=why, remedy=remedy)


def not_reachable(what: str, why: str, remedy: str) -> CommandError:
    """Say that what the command needs is not there."""
    return CommandError(Exit.NOT_REACHABLE, what=what, why=why, remedy=remedy)


def not_found(what: str, why: str, remedy: str) -> CommandError:
    """Say that what was asked for does not exist."""
    return CommandError(Exit.CHECK_FAILED, what=what, why=why, remedy=remedy)
