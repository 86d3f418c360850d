"""Every "no" of this service: which command may hear it, and the rule that says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from services.orders.domain.model import Money

CommandName = Literal["confirm_shipment", "cancel_order", "change_address", "refund_order", "leave_feedback"]
RefusalReason = Literal[
    "in_the_future",
    "not_permitted",
    "not_the_buyer",
    "not_the_seller",
    "order_pending",
    "order_canceled",
    "order_shipped",
    "shipment_id_reused",
    "professional_only",
    "too_late",
    "nothing_left",
    "unknown_line",
    "not_requested",
    "request_used",
    "invalid_amount",
    "wrong_currency",
    "amount_exceeds_left",
    "already_rated",
]
REFUSALS: Mapping[CommandName, Mapping[RefusalReason, str]] = {
    "confirm_shipment": {
        "in_the_future": "T5",
        "not_the_seller": "O10",
        "order_pending": "O4",
        "order_canceled": "O10",
        "shipment_id_reused": "O10",
        "professional_only": "O10",
        "too_late": "O11",
        "nothing_left": "O10",
        "unknown_line": "O10",
    },
    "cancel_order": {
        "in_the_future": "T5",
        "not_permitted": "O9",
        "not_the_buyer": "O2",
        "not_the_seller": "O9",
        "order_pending": "O4",
        "order_canceled": "O9",
        "order_shipped": "O9",
        "too_late": "O11",
        "nothing_left": "O9",
        "unknown_line": "O9",
    },
    "change_address": {
        "in_the_future": "T5",
        "not_permitted": "O13",
        "not_the_seller": "O13",
        "order_pending": "O4",
        "order_canceled": "O13",
        "order_shipped": "O13",
        "too_late": "O11",
        "not_requested": "O13",
        "request_used": "O13",
    },
    "refund_order": {
        "in_the_future": "T5",
        "not_the_seller": "O17",
        "order_pending": "O4",
        "order_canceled": "O17",
        "nothing_left": "O17",
        "unknown_line": "O17",
        "invalid_amount": "O17",
        "wrong_currency": "C15",
        "amount_exceeds_left": "C15",
    },
    "leave_feedback": {
        "in_the_future": "T5",
        "not_the_buyer": "O9",
        "order_pending": "O9",
        "order_canceled": "O9",
        "already_rated": "O9",
    },
}
"""Every "no" of this service: which command may hear it, and the rule that says so."""

Param = str | int | datetime | Money
"""What fills a refusal's text, and says what would help."""
