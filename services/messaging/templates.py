"""What people read when a command is refused: why, and what to do instead, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from services.messaging.domain.events import Reason
from shared.contracts.data import Words

REFUSALS: Mapping[Reason, Words] = {
    "unknown_order": Words(en="There is no such order.", zh="没有这个订单。"),
    "in_the_future": Words(
        en="This is dated in the future. Please check the clock and send it again.",
        zh="时间晚于当前时间。请检查时钟后重新发送。",
    ),
    "order_pending": Words(
        en="The order is still pending, so the seller cannot be written to yet. Customer service can help you: "
        "choose Help on the page of your order.",
        zh="订单仍在等待中，暂时无法联系卖家。客服可以为您提供帮助：请在订单页面选择“帮助”。",
    ),
    "not_a_party": Words(
        en="Only the buyer and the seller of this order, and customer service, can write about it.",
        zh="只有该订单的买家、卖家以及客服可以就此订单发送消息。",
    ),
    "not_the_buyer": Words(
        en="Only the buyer, or customer service for the buyer, can do this.",
        zh="只有买家或代买家处理的客服可以进行此操作。",
    ),
    "not_the_seller": Words(
        en="Only the seller of this order can do this.",
        zh="只有该订单的卖家可以进行此操作。",
    ),
    "message_id_reused": Words(
        en="Another message was already sent under this id. A message is never altered: send a new one.",
        zh="已有另一条消息使用了这个编号。消息发送后不可更改，请发送一条新消息。",
    ),
    "unknown_contact": Words(
        en="This order has no such contact. Its contacts are listed with its messages.",
        zh="该订单没有这个联系。请在订单的消息中查看已有的联系。",
    ),
    "already_resolved": Words(
        en="This is settled already. If something else is open, raise it under a new contact.",
        zh="该问题已经解决。如有其他问题，请以新的联系提出。",
    ),
    "too_large": Words(
        en="The message is too large. Please send it with less text or fewer attachments.",
        zh="消息过大。请精简文字或减少附件后重新发送。",
    ),
    "too_many_messages": Words(
        en="There are too many messages about this order to add another one. Customer service can help you.",
        zh="该订单的消息过多，无法再添加。客服可以为您提供帮助。",
    ),
    "order_canceled": Words(
        en="The order, or all that was named of it, is canceled and not charged: there is nothing to return. "
        "You can still write a message about it.",
        zh="该订单（或所列商品）已取消且不会收费，无需退货。您仍可就此发送消息。",
    ),
    "unknown_line": Words(
        en="The order has no such item. Please choose from the items of the order.",
        zh="该订单中没有此商品。请从订单的商品中选择。",
    ),
    "too_many_units": Words(
        en="The order has fewer units of this item. Please correct the quantity.",
        zh="该订单中此商品的数量没有这么多。请更正数量。",
    ),
    "incomplete_form": Words(
        en="A reason is missing. Please say why, and send it again.",
        zh="缺少原因。请说明原因后重新提交。",
    ),
    "no_return": Words(
        en="That contact is no return request. To send something back, request a return under a new contact.",
        zh="该联系不是退货请求。如需退货，请以新的联系提出退货请求。",
    ),
    "no_way_to_return": Words(
        en="To authorise a return, give a return address in the buyer's country or a prepaid label. You can also "
        "refund without a return.",
        zh="同意退货时，须提供买家所在国家/地区的退货地址或预付费退货标签。您也可以选择无需退货直接退款。",
    ),
    "already_answered": Words(
        en="This request was answered already. An answer can be bettered, by authorising the return or refunding "
        "without it, but not taken back.",
        zh="该请求已经答复。您可以改为同意退货或无需退货直接退款，但不能撤回已作出的答复。",
    ),
    "not_authorised": Words(
        en="The seller has not authorised this return yet. Please wait for the answer before you send it; if none "
        "comes in time, you can file a claim.",
        zh="卖家尚未同意此退货。请在收到答复后再寄回；如卖家未按时答复，您可以提交索赔。",
    ),
    "already_shipped_back": Words(
        en="This was sent back already. If its tracking number was wrong, write the right one in a message.",
        zh="该商品已经寄回。如追踪编号有误，请在消息中告知正确的编号。",
    ),
    "not_shipped_back": Words(
        en="The buyer has not sent this back yet. If you have it already, write to the buyer, who can confirm it.",
        zh="买家尚未寄回该商品。如果您已经收到，请发消息给买家，由买家确认寄回。",
    ),
    "already_received": Words(
        en="You have confirmed this return, or the carrier has, already. There is nothing more to confirm.",
        zh="您或承运人已确认收到此退货，无需再次确认。",
    ),
}
