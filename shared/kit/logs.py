"""Structured logs: one JSON object a line on stderr, from a closed list of events."""

from __future__ import annotations

import logging
import sys
from enum import StrEnum
from typing import Any

import structlog


class Event(StrEnum):
    """Everything that a service says in its log."""

    STARTING = "starting"
    """The process begins; its settings follow, without secrets."""
    MIGRATED = "migrated"
    """Migrations were run; their names follow."""
    READY = "ready"
    """The subscriber, the relay and the health page are up."""
    STOPPING = "stopping"
    """A signal came, or a part of the process gave up: what was begun is finished, then the process ends."""
    STOPPED = "stopped"
    """Everything is closed."""
    BATCH_FAILED = "batch_failed"
    """A batch was rolled back and will be read again after a pause."""
    POLL_FAILED = "poll_failed"
    """Records came that Kafka's client can't take in; it is asked again after a pause."""
    KEY_PARKED = "key_parked"
    """A message made the rules raise, or PostgreSQL refused its values: its key waits for an operator."""
    DEAD_LETTER = "dead_letter"
    """Records could not be read; they are in the dead letters."""
    PARTITION_STOPPED = "partition_stopped"
    """The log is not the one that was read before; the partition stops until an operator decides."""
    CONSUMER_HALTED = "consumer_halted"
    """So much is dead or parked that it is an outage: the service stops reading."""
    LAST_RECORD_EXPIRED = "last_record_expired"
    """Retention took the last record applied; nothing unread is missing."""
    REWOUND = "rewound"
    """Kafka's idea of the position was ahead of the database's: it is read again from there."""
    RELAY_LEADS = "relay_leads"
    """This process sends the service's outbox now."""
    RELAY_FAILED = "relay_failed"
    """Kafka or the database was away from the relay; it tries again after a pause."""
    OUTBOX_ROW_PARKED = "outbox_row_parked"
    """Kafka refused a message for good; it and the later ones of its key wait for an operator."""
    MAIL_SERVER_AWAY = "mail_server_away"
    """The mail server can't be reached, hangs or hangs up: mails wait, nothing else does."""
    MAIL_SERVER_BACK = "mail_server_back"
    """The mail server answers again."""
    MAIL_PARKED = "mail_parked"
    """A mail was refused for too long, or can't be sent as it is: it waits for an operator."""
    ERASED = "erased"
    """A person's data is gone from this service's tables; how much it was follows."""
    ERASURE_FAILED = "erasure_failed"
    """Something could not be erased: it is named among the erasures, and the rest goes on."""
    TASK_FAILED = "task_failed"
    """A task beside the consumer failed; it tries again after a pause."""


Logger = structlog.stdlib.BoundLogger


def configure(service: str, level: str) -> None:
    """Set up logging for the process: ours and the libraries' alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("aiokafka", "uvicorn", "uvicorn.access", "faststream"):
        logging.getLogger(chatty).setLevel(max(root.level, logging.WARNING))
    structlog.contextvars.bind_contextvars(service=service)


def logger() -> Logger:
    """Return the logger of the kit and the services."""
    log: Logger = structlog.stdlib.get_logger("recourse")
    return log
