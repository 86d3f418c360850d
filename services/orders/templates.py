"""What people read when a command is refused: a sentence a reason, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from services.orders.domain.events import RefusalReason
from shared.contracts.data import Words

Reason = RefusalReason | Literal["unknown_order"]

REFUSALS: Mapping[Reason, Words] = {
    "in_the_future": Words(
        en="The command is dated ahead of the clock. Check the clock of the machine that sent it, and send it again.",
        zh="该指令的时间晚于系统时钟。请检查发送方的时钟后重新提交。",
    ),
    "not_the_seller": Words(
        en="Only the order's own seller may confirm its shipment.",
        zh="只有该订单的卖家才能确认发货。",
    ),
    "order_pending": Words(
        en="The order was Pending: it is held, or its payment is being verified. It must not be shipped before it is "
        "released.",
        zh="订单处于等待中：仍在保留期内，或付款尚在验证。放行之前请勿发货。",
    ),
    "order_canceled": Words(
        en="The order, or all that was named of it, is canceled. It must not be shipped.",
        zh="该订单（或所列商品）已取消，请勿发货。",
    ),
    "shipment_id_reused": Words(
        en="Another shipment of this order was confirmed under this id. Give each shipment an id of its own.",
        zh="此编号已用于该订单的另一次发货确认。每次发货请使用不同的编号。",
    ),
    "too_late": Words(
        en="Shipment had to be confirmed before {until}. What was not confirmed by then is canceled.",
        zh="须在 {until} 之前确认发货。届时仍未确认的部分将被取消。",
    ),
    "nothing_left": Words(
        en="More is named than is left to confirm: {left} left.",
        zh="所列数量超过尚可确认的数量：仅剩 {left} 件。",
    ),
    "unknown_line": Words(
        en="The order has no item {order_item_id}.",
        zh="该订单中没有商品 {order_item_id}。",
    ),
    "unknown_order": Words(
        en="There is no such order, or it has not arrived yet. Check the order id, and try again later.",
        zh="没有此订单，或订单尚未到达。请核对订单编号，稍后重试。",
    ),
}


def words(reason: Reason, params: Mapping[str, str | int | datetime]) -> Words:
    """Return the sentence for a refusal, with its parameters filled in; instants in UTC."""
    told = {name: _instant(value) if isinstance(value, datetime) else value for name, value in params.items()}
    text = REFUSALS[reason]
    return Words(en=text.en.format(**told), zh=text.zh.format(**told))


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
