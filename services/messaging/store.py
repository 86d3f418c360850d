"""What messaging keeps: one row an order, with its dossier and its conversation. No table of its own."""

from __future__ import annotations

from services.messaging.domain.model import OrderState
from shared.kit.service import Kind

ORDER = "order"
KINDS = (Kind(ORDER, OrderState),)
