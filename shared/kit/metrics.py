"""Metrics: a closed list, each with the question that it answers."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

RECORDS = Counter(
    "recourse_records",
    "Records read, by what became of them first: is anything dead, parked or waiting?",
    ["verdict"],
    registry=REGISTRY,
)
BATCH_RECORDS = Histogram(
    "recourse_batch_records",
    "Records a batch: are batches small (idle) or full (behind)?",
    buckets=(1, 3, 10, 30, 100, 300, 1000),
    registry=REGISTRY,
)
BATCH_SECONDS = Histogram(
    "recourse_batch_seconds",
    "Real seconds from a batch's delivery to its commit: is the database slow?",
    buckets=(0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
    registry=REGISTRY,
)
BATCH_FAILURES = Counter(
    "recourse_batch_failures",
    "Batches rolled back and read again: is a database or Kafka away?",
    registry=REGISTRY,
)
SENT = Counter(
    "recourse_sent_messages",
    "Messages that Kafka acknowledged: is the relay working?",
    registry=REGISTRY,
)
OUTBOX = Gauge(
    "recourse_outbox_messages",
    "Messages not yet acknowledged by Kafka: does the relay keep up?",
    registry=REGISTRY,
)
STOPPED_PARTITIONS = Gauge(
    "recourse_stopped_partitions",
    "Partitions stopped because their log is another: does an operator have to decide?",
    registry=REGISTRY,
)
PARKED_KEYS = Gauge(
    "recourse_parked_keys",
    "Keys that wait for an operator: is there a bug?",
    registry=REGISTRY,
)
MAILS = Counter(
    "recourse_mails",
    "Tries to send a mail, by their end, and mails parked: does the mail server take them?",
    ["end"],
    registry=REGISTRY,
)
MAIL_SERVER_AWAY = Gauge(
    "recourse_mail_server_away",
    "1 while the mail server can't be reached, hangs or hangs up: is mail delayed?",
    registry=REGISTRY,
)
PARKED_MAILS = Gauge(
    "recourse_parked_mails",
    "Mails that wait for an operator: are addresses wrong, or was the mail server away for a day?",
    registry=REGISTRY,
)
DEAD_LETTERS = Gauge(
    "recourse_open_dead_letters",
    "Dead letters neither retried nor skipped: is an upstream broken?",
    registry=REGISTRY,
)
ERASURES = Gauge(
    "recourse_pending_erasures",
    "People whose data is still to go: does an erasure take too long?",
    registry=REGISTRY,
)
