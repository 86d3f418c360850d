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
        en="This is for somebody else to do: the buyer withdraws, the seller answers and refunds, an investigator "
        "asks and decides, and who was asked or lost answers or appeals.",
        zh="您无权进行此操作：由买家撤回，由卖家回复和退款，由调查员提出问题并作出决定，由被询问的一方回复，由决定对其不利的一方申诉。",
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
        en="There is already an open claim on one of these items. Its state is shown on the page of the order.",
        zh="其中一件商品已有未结的索赔。请在订单页面查看其进展。",
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
    "chargeback_open": Words(
        en="A chargeback is open on this order: until the bank has decided, nothing is claimed or decided. "
        "Statements and evidence can still be added, and the time that was left is not lost.",
        zh="该订单的拒付正在处理中：在银行作出决定之前，不能提出索赔，也不作任何决定。仍可补充说明和证据，剩余的时间不会损失。",
    ),
    "return_policy_not_followed": Words(
        en="The item was not sent back in the time that the return policy gives. If you did send it back, or were "
        "offered no acceptable way to, please say so: choose that as the reason of a claim, or appeal.",
        zh="商品没有在退货政策规定的时间内寄回。如果您已寄回，或卖家没有提供可接受的退货方式，请说明：选择相应的索赔原因，或提出申诉。",
    ),
    "no_clear_justification": Words(
        en="An investigator sees no clear justification for this claim. If you have something new to show, you can "
        "appeal once.",
        zh="调查员认为该索赔没有明确的理由。如果您有新的材料，可以申诉一次。",
    ),
    "nothing_to_return": Words(
        en="What the buyer did not receive cannot be sent back. Please refund it at once, or answer the claim.",
        zh="买家没有收到的商品无法寄回。请直接退款，或回复索赔。",
    ),
    "return_already_required": Words(
        en="The buyer was already asked to send the item back. Please wait for it, or refund it at once.",
        zh="已要求买家寄回商品。请等待商品寄回，或直接退款。",
    ),
    "already_received": Words(
        en="The item is already back. Please refund it at once.",
        zh="商品已经寄回。请直接退款。",
    ),
    "not_appealable": Words(
        en="This cannot be appealed, or not by you: an appeal is for the side that a decision of the claim went "
        "against. What was decided is shown with the claim.",
        zh="该项不能申诉，或不能由您申诉：只有决定对其不利的一方可以申诉。决定内容请见索赔页面。",
    ),
    "already_appealed": Words(
        en="This decision was already appealed, and that is possible once. You can add evidence while the appeal "
        "is looked at.",
        zh="该决定已经申诉过，每个决定只能申诉一次。在申诉审核期间您可以补充证据。",
    ),
    "no_appeal": Words(
        en="There is no appeal to decide on this claim.",
        zh="该索赔没有待决定的申诉。",
    ),
    "same_investigator": Words(
        en="Whoever made the first decision does not decide the appeal. Please leave it to somebody else.",
        zh="作出最初决定的人不能决定申诉。请交由其他调查员处理。",
    ),
}
"""Complete: a test compares it with every reason that the domain gives."""

BY_RULE: Mapping[tuple[str, str], Words] = {
    ("C11", "too_late"): Words(
        en="It is too late to appeal: that was possible until {until}.",
        zh="申诉期限已过：截止时间为 {until}。",
    ),
    ("C8", "amount_exceeds_left"): Words(
        en="There is nothing left to refund on this claim.",
        zh="该索赔没有剩余的金额可以退款。",
    ),
}
"""Where a rule gives a reason that needs other words than usual."""

MISSING: Mapping[str, Words] = {
    "lines": Words(en="the items and quantities", zh="商品和数量"),
    "description": Words(en="a description of the product", zh="商品描述"),
    "reason": Words(en="a reason that fits the issue", zh="与问题相符的原因"),
    "extra_charges": Words(en="the amount of the extra charges", zh="额外费用的金额"),
    "questions": Words(en="at least one question", zh="至少一个问题"),
    "reasons": Words(en="the reasons for the decision", zh="决定的理由"),
    "text": Words(en="what you want to say", zh="您要说明的内容"),
    "evidence": Words(en="the evidence, or a text", zh="证据材料或说明"),
    "explanation": Words(
        en="what is new, and why the decision should not stand", zh="新的情况以及为何应改变决定"
    ),
}


def words(refusal: Refusal, zone: str) -> Words:
    """Write a refusal in both languages, with instants in this time zone."""
    text = BY_RULE.get((refusal.rule, refusal.reason)) or REFUSALS[refusal.reason]
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
