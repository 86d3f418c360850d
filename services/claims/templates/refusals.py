"""Why not, and what to do instead: a sentence a refusal."""

from __future__ import annotations

from collections.abc import Mapping

from services.claims.domain.refusal import Refusal
from services.claims.templates.forms import Language, instant, money
from shared.contracts.data import Words

REFUSALS: Mapping[str, Words] = {
    "unknown_order": Words(
        en="There is no such order, or it has not arrived yet. Please check the order id and try again later.",
        zh="没有此订单，或订单尚未到达。请核对订单编号，稍后重试。",
    ),
    "unknown_claim": Words(
        en="This order has no such claim. Its claims are listed on the page of the order.",
        zh="该订单没有这个索赔。请在订单页面查看已有的索赔。",
    ),
    "unknown_request": Words(
        en="The claim has no such request for information. The open requests are listed with the claim.",
        zh="该索赔没有这个信息请求。请在索赔页面查看待回复的请求。",
    ),
    "unknown_line": Words(
        en="The claim names an item that is not part of this order. Please choose from the items of the order.",
        zh="索赔中的商品不属于该订单。请从订单商品中选择。",
    ),
    "in_the_future": Words(
        en="This is dated in the future. Please check the clock and send it again.",
        zh="时间晚于当前时间。请检查时钟后重新发送。",
    ),
    "too_large": Words(
        en="This is more than can be kept. Please send it with less text and fewer attachments.",
        zh="内容过大，无法保存。请减少文字和附件后重新发送。",
    ),
    "not_permitted": Words(
        en="This is for somebody else to do: an investigator asks and decides, and who was asked answers.",
        zh="您无权进行此操作：由调查员提出问题并作出决定，由被询问的一方回复。",
    ),
    "not_a_party": Words(
        en="This order is somebody else's. You can claim on your own orders.",
        zh="该订单属于他人。您只能就自己的订单提出索赔。",
    ),
    "not_the_buyer": Words(
        en="Only the buyer of this order, or customer service for the buyer, can file a claim on it.",
        zh="只有该订单的买家或代买家处理的客服可以提出索赔。",
    ),
    "invalid_amount": Words(
        en="This amount is not possible. Please give an amount above zero, or none where none is due.",
        zh="金额无效。请填写大于零的金额；不应填写金额时请留空。",
    ),
    "wrong_currency": Words(
        en="The order was paid in another currency. Please give the amount in the currency of the order.",
        zh="该订单以另一种货币支付。请使用订单的货币填写金额。",
    ),
    "incomplete_form": Words(
        en="Something is missing. Please add: {missing}.",
        zh="信息不完整。请补充：{missing}。",
    ),
    "claim_id_reused": Words(
        en="Another claim was already filed under this id. Please file this one under an id of its own.",
        zh="此编号已用于另一个索赔。请使用新的编号提交。",
    ),
    "order_not_claimable": Words(
        en="Not all that is named can be claimed: the order is still pending, or some of it is canceled and will "
        "not be charged. Please check the items and quantities, or turn to customer service.",
        zh="所列内容不能全部索赔：订单仍在等待中，或部分商品已取消且不会收费。请核对商品和数量，或联系客服。",
    ),
    "already_claimed": Words(
        en="There is already a claim on one of these items. Its state is shown on the page of the order.",
        zh="其中一件商品已有索赔。请在订单页面查看其进展。",
    ),
    "amount_exceeds_paid": Words(
        en="That is more than you paid for these items and have not got back. You can claim up to {max_amount}.",
        zh="金额超过您为这些商品支付且尚未退回的金额。最多可索赔 {max_amount}。",
    ),
    "delivered": Words(
        en="According to the carrier this was delivered. If you did not find it, choose “delivered, but not "
        "found”; if something is wrong with it, start a return request.",
        zh="承运人显示已送达。如果您没有找到包裹，请选择“显示已送达但未找到”；如果商品有问题，请提交退货请求。",
    ),
    "not_contacted": Words(
        en="Please write to the seller first: about delivery through Buyer-Seller Messages, about the product by "
        "a return request. If it is not resolved in the time that the seller has for it, you can file a claim.",
        zh="请先联系卖家：配送问题请使用买家与卖家消息，商品问题请提交退货请求。如果卖家在规定时间内未解决，您可以提出索赔。",
    ),
    "too_early": Words(
        en="It is too early to file this claim. You can file it from {eligible_from} until {until}.",
        zh="现在提出索赔为时过早。您可以从 {eligible_from} 起至 {until} 止提出索赔。",
    ),
    "too_late": Words(
        en="It is too late for this claim: it could be filed until {until}. Customer service may still help you.",
        zh="索赔期限已过：截止时间为 {until}。您仍可联系客服寻求帮助。",
    ),
    "claim_decided": Words(
        en="The claim is already decided. What was decided, and why, is shown with the claim.",
        zh="该索赔已有决定。决定及其理由请见索赔页面。",
    ),
    "already_answered": Words(
        en="This request was already answered. What you add now can go with your next answer.",
        zh="该请求已经回复过。如需补充，请在下次回复时一并提供。",
    ),
    "amount_exceeds_left": Words(
        en="That is more than is left of what was paid for these items. Up to {max_amount} can be granted.",
        zh="金额超过这些商品剩余可赔付的金额。最多可批准 {max_amount}。",
    ),
    "not_possible_yet": Words(
        en="A claim cannot be ended in this way yet. Please grant or deny it.",
        zh="目前还不能以这种方式结束索赔。请批准或驳回。",
    ),
}
"""Complete: a test compares it with every reason that the domain gives."""

MISSING: Mapping[str, Words] = {
    "lines": Words(en="the items and quantities", zh="商品和数量"),
    "description": Words(en="a description of the product", zh="商品描述"),
    "reason": Words(en="a reason that fits the issue", zh="与问题相符的原因"),
    "extra_charges": Words(en="the amount of the extra charges", zh="额外费用的金额"),
    "questions": Words(en="at least one question", zh="至少一个问题"),
    "reasons": Words(en="why the claim is denied", zh="驳回的理由"),
}


def words(refusal: Refusal, zone: str) -> Words:
    """Write a refusal in both languages, with instants in this time zone."""
    text = REFUSALS[refusal.reason]
    return Words(
        en=text.en.format(**_params(refusal, zone, "en")), zh=text.zh.format(**_params(refusal, zone, "zh"))
    )


def _params(refusal: Refusal, zone: str, language: Language) -> dict[str, str]:
    comma = {"en": ", ", "zh": "、"}[language]
    missing = (getattr(MISSING[name], language) for name in refusal.missing)
    return {
        "missing": comma.join(missing),
        "max_amount": money(refusal.max_amount, language) if refusal.max_amount else "",
        "eligible_from": instant(refusal.eligible_from, zone, language) if refusal.eligible_from else "",
        "until": instant(refusal.until, zone, language) if refusal.until else "",
    }
