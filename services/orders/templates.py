"""What people read when a command is refused: a sentence a reason, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from babel.numbers import format_currency, get_currency_precision

from services.orders.domain.model import Money
from services.orders.domain.refusals import Param, RefusalReason
from shared.contracts.data import Words
from shared.contracts.lists import Language

_LOCALES: Mapping[Language, str] = {"en": "en_US", "zh": "zh_CN"}
Reason = RefusalReason | Literal["unknown_order"]

REFUSALS: Mapping[Reason, Words] = {
    "in_the_future": Words(
        en="The command is dated ahead of the clock. Check the clock of the machine that sent it, and send it again.",
        zh="该指令的时间晚于系统时钟。请检查发送方的时钟后重新提交。",
    ),
    "not_permitted": Words(
        en="This is for the order's seller or buyer to do, or for customer service.",
        zh="此操作只能由该订单的卖家、买家或客服进行。",
    ),
    "not_the_buyer": Words(
        en="Only the order's own buyer may do this.",
        zh="只有该订单的买家才能进行此操作。",
    ),
    "not_the_seller": Words(
        en="Only the order's own seller may do this.",
        zh="只有该订单的卖家才能进行此操作。",
    ),
    "order_pending": Words(
        en="The order was Pending: it is held, or its payment is being verified. Nothing can be done with it, and it "
        "must not be shipped, before it is released.",
        zh="订单处于等待中：仍在保留期内，或付款尚在验证。放行之前无法进行此操作，也请勿发货。",
    ),
    "order_canceled": Words(
        en="The order, or what was named of it, is canceled. It must not be shipped.",
        zh="该订单（或所列商品）已取消，请勿发货。",
    ),
    "order_shipped": Words(
        en="All that was named is confirmed as shipped already.",
        zh="所列商品均已确认发货。",
    ),
    "shipment_id_reused": Words(
        en="Another shipment of this order was confirmed under this id. Give each shipment an id of its own.",
        zh="此编号已用于该订单的另一次发货确认。每次发货请使用不同的编号。",
    ),
    "professional_only": Words(
        en="Only sellers with the professional plan may confirm shipments by file. Confirm them one by one, or change "
        "the plan.",
        zh="只有专业销售计划的卖家才能通过文件确认发货。请逐一确认，或变更销售计划。",
    ),
    "too_late": Words(
        en="Shipment had to be confirmed before {until}. What was not confirmed by then is canceled.",
        zh="须在 {until} 之前确认发货。届时仍未确认的部分将被取消。",
    ),
    "nothing_left": Words(
        en="More is named than is left: {left} left.",
        zh="所列数量超过剩余数量：仅剩 {left} 件。",
    ),
    "unknown_line": Words(
        en="The order has no item {order_item_id}.",
        zh="该订单中没有商品 {order_item_id}。",
    ),
    "not_requested": Words(
        en="No message of the buyer or of customer service asks for another address of this order. Name the message "
        "that does.",
        zh="没有买家或客服就该订单要求更改地址的消息。请注明提出该要求的消息。",
    ),
    "request_used": Words(
        en="The address was changed on that message before. Another change needs another message.",
        zh="已根据该消息更改过地址。再次更改需要新的消息。",
    ),
    "invalid_amount": Words(
        en="A refund must be more than nothing.",
        zh="退款金额必须大于零。",
    ),
    "wrong_currency": Words(
        en="The order is in {currency}. Give the amount in that currency.",
        zh="该订单的币种为 {currency}。请以该币种填写金额。",
    ),
    "amount_exceeds_left": Words(
        en="At most {max_amount} can still be paid back for what was named.",
        zh="所列商品最多还可退还 {max_amount}。",
    ),
    "already_rated": Words(
        en="Feedback was left on this order before.",
        zh="该订单已有评价。",
    ),
    "unknown_order": Words(
        en="There is no such order, or it has not arrived yet. Check the order id, and try again later.",
        zh="没有此订单，或订单尚未到达。请核对订单编号，稍后重试。",
    ),
}


def words(reason: Reason, params: Mapping[str, Param]) -> Words:
    """Return the sentence for a refusal, with its parameters filled in; instants in UTC."""
    text = REFUSALS[reason]
    return Words(en=text.en.format(**_told(params, "en")), zh=text.zh.format(**_told(params, "zh")))


def _told(params: Mapping[str, Param], language: Language) -> dict[str, str | int]:
    return {name: _written(value, language) for name, value in params.items()}


def _written(value: Param, language: Language) -> str | int:
    match value:
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        case Money():
            amount = Decimal(value.amount_minor).scaleb(-get_currency_precision(value.currency))
            return format_currency(amount, value.currency, locale=_LOCALES[language])
        case _:
            return value
