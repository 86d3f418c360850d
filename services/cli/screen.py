"""What a person sees: data on stdout, words and progress on stderr; bars only on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

WIDTH_WITHOUT_TERMINAL = 1000
"""Nobody reads a pipe by eye: no line is broken."""


@cache
def out() -> Console:
    """Return the console of data. NO_COLOR is minded; a pipe gets plain text."""
    return _console(stderr=False)


@cache
def err() -> Console:
    """Return the console of words and progress."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDTH_WITHOUT_TERMINAL
    return Console(stderr=stderr, highlight=False, width=width, emoji=False)


def say(text: str) -> None:
    """Say something to the person, as it is."""
    err().print(text, markup=False, soft_wrap=True)


def write_json(value: Any) -> None:
    """Write one JSON value on stdout, on a line of its own."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def write_line(text: str) -> None:
    """Write one line of data, as it is."""
    out().print(text, markup=False, soft_wrap=True)


def two_terminals() -> bool:
    """Say whether data and progress meet on one terminal, where they must take turns."""
    return sys.stdout.isatty() and sys.stderr.isatty()


@contextmanager
def bar(*, counted: bool = True) -> Iterator[Progress]:
    """Give a progress bar that is seen on a terminal only and leaves nothing behind."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    console = out() if two_terminals() else err()
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        *((MofNCompleteColumn(),) if counted else ()),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as progress:
        yield progress
