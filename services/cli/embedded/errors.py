"""The one error of the embedded default: it says what failed, why, and what to do."""

from __future__ import annotations


class EmbeddedError(Exception):
    """Kafka, PostgreSQL or the mail server could not be provided.

    `what` is the thing that failed, `why` its cause as the machine told it (may have several lines),
    `remedy` what a person can do about it.
    """

    def __init__(self, *, what: str, why: str, remedy: str) -> None:
        self.what = what
        self.why = why
        self.remedy = remedy
        super().__init__(f"{what}\n  why: {why}\n  what to do: {remedy}")
