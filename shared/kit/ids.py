"""The only place that makes ids: derived where a retry must collide, fresh and ordered by time elsewhere."""

from __future__ import annotations

import uuid_utils

_NAMESPACE = uuid_utils.uuid5(uuid_utils.NAMESPACE_URL, "urn:recourse")


def derived(*parts: str) -> str:
    """Return the UUIDv5 of a natural key: the same parts give the same id, in every process and release."""
    return str(uuid_utils.uuid5(_NAMESPACE, "\x1f".join(parts)))


def fresh() -> str:
    """Return a new UUIDv7: rising with time, so that indexes grow at their end."""
    return str(uuid_utils.uuid7())
