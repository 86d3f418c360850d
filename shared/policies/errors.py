"""A policy that cannot be used stops whoever would use it, and says where it is wrong."""

from __future__ import annotations


class PolicyError(Exception):
    """Names the file, the line and the key that are wrong, and what to write instead."""

    def __init__(self, file: str, line: int, key: str, why: str) -> None:
        super().__init__(file, line, key, why)
        self.file = file
        self.line = line
        self.key = key
        self.why = why

    def __str__(self) -> str:
        at = f"{self.file}, line {self.line}"
        return f"{at}, {self.key}: {self.why}" if self.key else f"{at}: {self.why}"
