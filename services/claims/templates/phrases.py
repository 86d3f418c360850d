"""The phrases that explanations are put together from, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from shared.contracts.data import Words

VERDICTS: Mapping[str, Words] = {
    "holds": Words(en="{rule} holds:", zh="{rule} 成立："),
    "holds_not": Words(en="{rule} does not hold:", zh="{rule} 不成立："),
    "met": Words(en="{rule} is met:", zh="{rule} 已满足："),
    "not_met": Words(en="{rule} is not met:", zh="{rule} 未满足："),
}
"""How a sentence about a rule begins. A requirement of a filing is met or not; every other rule holds or not."""

PHRASES: Mapping[str, Words] = {
    # C6.1
    "untracked": Words(
        en="it was confirmed as shipped with no trackable method and no valid tracking number.",
        zh="发货确认既没有可追踪的配送方式，也没有有效的追踪号。",
    ),
    "tracked": Words(
        en="{untracked} of {claimed} claimed units were shipped with nothing to track them by.",
        zh="索赔的 {claimed} 件中有 {untracked} 件无法追踪。",
    ),
    "trackable": Words(
        en="it was shipped with a trackable method or a valid tracking number.",
        zh="已使用可追踪的配送方式或有效的追踪号发货。",
    ),
    "unconfirmed": Words(en="nothing of it was confirmed as shipped.", zh="尚无发货确认。"),
    # C6.2
    "silence": Words(
        en="the buyer wrote on {opened} and no answer came by {by}.",
        zh="买家于{opened}发送消息，至{by}没有收到回复。",
    ),
    "silence_so_far": Words(
        en="the buyer wrote on {opened}; the seller has until {by} to answer.",
        zh="买家于{opened}发送消息；卖家可在{by}之前回复。",
    ),
    "answered_in_time": Words(
        en="the buyer wrote on {opened} and the seller answered on {answered}, in time (until {by}).",
        zh="买家于{opened}发送消息，卖家已于{answered}按时回复（期限为{by}）。",
    ),
    "answered_late": Words(
        en="the buyer wrote on {opened} and the seller answered only on {answered}, after {by}.",
        zh="买家于{opened}发送消息，卖家直到{answered}才回复，已超过{by}。",
    ),
    "settled": Words(
        en="the buyer wrote on {opened} and said on {resolved} that it was settled.",
        zh="买家于{opened}发送消息，并于{resolved}表示问题已解决。",
    ),
    "no_contact": Words(
        en="the buyer has written no message of the right kind.", zh="买家没有通过相应渠道发送消息。"
    ),
    # C6.3, C6.4
    "not_shipped": Words(
        en="{count} of {claimed} claimed units were not shipped before the expected ship date, {day}, was over "
        "({by}).",
        zh="索赔的 {claimed} 件中有 {count} 件未在预计发货日期{day}结束（{by}）前发货。",
    ),
    "shipped": Words(en="it was shipped on {at}.", zh="已于{at}发货。"),
    "not_delivered": Words(
        en="{count} of {claimed} claimed units have no delivery scan; the estimated delivery date, {day}, ended on "
        "{by}.",
        zh="索赔的 {claimed} 件中有 {count} 件没有送达记录；预计送达日期{day}已于{by}结束。",
    ),
    "delivered": Words(en="a scan says that it was delivered on {at}.", zh="扫描记录显示已于{at}送达。"),
    "not_over": Words(en="the date, {day}, is over only on {by}.", zh="日期{day}要到{by}才结束。"),
    "not_found": Words(
        en="the claim says that it was delivered and not found, and this rule does not grant such a claim.",
        zh="该索赔称“显示已送达但未找到”，本条不适用于此类索赔。",
    ),
    "other_issue": Words(
        en="the claim is not about an item that was not received.", zh="该索赔与未收到商品无关。"
    ),
    # C6.5
    "request_missed": Words(
        en="the seller was asked for information on {asked} and gave none by {by}.",
        zh="卖家于{asked}被要求提供信息，至{by}未提供。",
    ),
    "request_open": Words(
        en="the seller was asked for information on {asked} and has until {by}.",
        zh="卖家于{asked}被要求提供信息，期限为{by}。",
    ),
    "request_answered": Words(
        en="the seller was asked for information on {asked}, until {by}, and gave it on {answered}.",
        zh="卖家于{asked}被要求在{by}之前提供信息，并于{answered}提供。",
    ),
    "request_answered_late": Words(
        en="the seller was asked for information on {asked} and gave it only on {answered}, after {by}.",
        zh="卖家于{asked}被要求提供信息，直到{answered}才提供，已超过{by}。",
    ),
    "silence_is_no_ground": Words(
        en="Silence leads to an investigation here, not to a grant.",
        zh="此处未回复只会转入调查，不会自动批准。",
    ),
    "not_asked": Words(en="the seller was not asked for information.", zh="卖家未被要求提供信息。"),
    "claim_unanswered": Words(
        en="the claim was to be answered by {by}, and was not.",
        zh="卖家应在{by}之前回复索赔，但没有回复。",
    ),
    "claim_open_to_answer": Words(en="the claim is to be answered by {by}.", zh="卖家可在{by}之前回复索赔。"),
    "claim_answered": Words(
        en="the seller answered the claim on {answered}, in time (until {by}).",
        zh="卖家已于{answered}按时回复索赔（期限为{by}）。",
    ),
    "claim_answered_late": Words(
        en="the seller answered the claim only on {answered}, after {by}.",
        zh="卖家直到{answered}才回复索赔，已超过{by}。",
    ),
    "return_unrefunded": Words(
        en="the seller had asked for the item, has it back since {received}, and did not refund it by {by}.",
        zh="卖家要求先寄回商品，已于{received}收到，但至{by}未退款。",
    ),
    "return_to_refund": Words(
        en="the seller had asked for the item, has it back since {received}, and is to refund it by {by}.",
        zh="卖家要求先寄回商品，已于{received}收到，应在{by}之前退款。",
    ),
    "return_refunded": Words(
        en="the seller has the item back since {received} and refunded it on {refunded}, in time (until {by}).",
        zh="卖家已于{received}收到商品，并于{refunded}按时退款（期限为{by}）。",
    ),
    "return_refunded_late": Words(
        en="the seller has the item back since {received} and refunded it only on {refunded}, after {by}.",
        zh="卖家已于{received}收到商品，直到{refunded}才退款，已超过{by}。",
    ),
    # C4, C11, C12
    "policy_not_followed": Words(
        en="an investigator finds that the return policy was not followed.", zh="调查员认为未遵守退货政策。"
    ),
    "no_justification": Words(
        en="an investigator sees no clear justification for the claim.", zh="调查员认为该索赔没有明确的理由。"
    ),
    "appealed_by_seller": Words(
        en="the seller appealed on {at}, in time (until {until}), and somebody other than the first investigator "
        "decides.",
        zh="卖家已于{at}按时申诉（期限为{until}），由最初的调查员以外的人决定。",
    ),
    "appealed_by_buyer": Words(
        en="the buyer appealed on {at}, in time (until {until}), and somebody other than the first investigator "
        "decides.",
        zh="买家已于{at}按时申诉（期限为{until}），由最初的调查员以外的人决定。",
    ),
    "appeal_not_in_order": Words(
        en="an appeal of {at} was not in order: it was possible until {until}, and somebody else has to decide.",
        zh="{at}的申诉不符合规定：期限为{until}，且须由其他人决定。",
    ),
    "first_stands": Words(
        en="the second investigator lets the first decision stand.", zh="第二位调查员维持最初的决定。"
    ),
    "money_and_defect_reversed": Words(
        en="the second investigator reverses the grant: the seller gets back {debited}, which the marketplace "
        "bears, and it does not count as a defect.",
        zh="第二位调查员撤销批准：返还卖家 {debited}，由平台承担，且不计为缺陷。",
    ),
    "money_reversed": Words(
        en="the second investigator reverses the money: the seller gets back {debited}, which the marketplace "
        "bears; it still counts as a defect.",
        zh="第二位调查员撤销扣款：返还卖家 {debited}，由平台承担；仍计为缺陷。",
    ),
    "defect_reversed": Words(
        en="the second investigator reverses the defect: it does not count any more; the debit of {debited} stands.",
        zh="第二位调查员撤销缺陷：不再计为缺陷；{debited} 的扣款不变。",
    ),
    "refusal_reversed": Words(
        en="the second investigator reverses the first decision and grants {amount}.",
        zh="第二位调查员撤销最初的决定，批准 {amount}。",
    ),
    # C6
    "voided": Words(
        en="the claim was granted on {granted} by {grounds}; the seller's answer is dated {answered}, in time, and "
        "was read on {read}. Without its silence nothing grants the claim.",
        zh="该索赔于{granted}依据 {grounds} 批准；卖家的回复时间为{answered}，未超过期限，于{read}读取。"
        "除未回复外没有其他批准依据。",
    ),
    "stands": Words(
        en="the claim was granted on {granted} by {grounds}, which an answer does not take back.",
        zh="该索赔于{granted}依据 {grounds} 批准，卖家的回复不影响该依据。",
    ),
    "read_late": Words(
        en="The answer was read more than ten minutes after its date.",
        zh="该回复在其时间十分钟之后才被读取。",
    ),
    # C1, C9, C10
    "amounts": Words(
        en="{claimed} was claimed; {left} is left of what was paid for the lines.",
        zh="索赔金额为 {claimed}；这些商品已付金额中尚余 {left}。",
    ),
    "refunded_since": Words(
        en="{refunded} was refunded since the claim was filed.", zh="提出索赔后已退款 {refunded}。"
    ),
    "replacement": Words(
        en="A replacement is wanted, which an investigator decides.", zh="买家要求换货，由调查员决定。"
    ),
    "investigator_granted": Words(en="an investigator granted {amount}.", zh="调查员批准 {amount}。"),
    "investigator_refused": Words(
        en="an investigator refused the claim by judgement.", zh="调查员判定不予受理。"
    ),
    "investigator_denied": Words(en="an investigator denied the claim.", zh="调查员驳回索赔。"),
    "marketplace_fulfilled": Words(
        en="the marketplace fulfilled the order, so it pays.", zh="该订单由平台配送，由平台承担。"
    ),
    "marketplace_label": Words(
        en="it was shipped in time with the marketplace's label and valid tracking and was not delivered, so the "
        "marketplace pays.",
        zh="卖家使用平台面单按时发货，追踪号有效，但未送达，由平台承担。",
    ),
    "seller_pays": Words(
        en="the seller fulfilled the order, and not with the marketplace's own label in time, so the seller pays.",
        zh="该订单由卖家配送，且不符合使用平台面单按时发货的条件，由卖家承担。",
    ),
}

REQUIREMENTS: Mapping[str, Words] = {
    "in_the_future": Words(
        en="a claim is not dated ahead of the clock (filed {filed_at}).",
        zh="索赔时间不得晚于当前时间（提交于{filed_at}）。",
    ),
    "not_the_buyer": Words(
        en="a claim is filed by the buyer, or by customer service for the buyer.",
        zh="索赔须由买家或代买家的客服提出。",
    ),
    "not_a_party": Words(en="the order is that of whoever claims.", zh="订单须属于索赔人。"),
    "wrong_currency": Words(
        en="the amount is in the currency of the order, {currency}.", zh="金额须使用订单货币 {currency}。"
    ),
    "invalid_amount": Words(
        en="the amount is above zero, unless a replacement is wanted.", zh="除要求换货外，金额须大于零。"
    ),
    "incomplete_form": Words(
        en="the form is complete (missing: {missing}).", zh="表单须填写完整（缺少：{missing}）。"
    ),
    "unknown_line": Words(en="the items are those of the order.", zh="商品须属于该订单。"),
    "claim_id_reused": Words(en="every claim has an id of its own.", zh="每个索赔须使用自己的编号。"),
    "order_not_claimable": Words(
        en="the order was released, and {units_not_canceled} of {units_claimed} claimed units are not canceled.",
        zh="订单须已放行；索赔的 {units_claimed} 件中有 {units_not_canceled} 件未取消。",
    ),
    "chargeback_open": Words(
        en="no chargeback is open when the claim is filed, {filed_at} (opened: {chargeback_opened_at}, closed: "
        "{chargeback_closed_at}).",
        zh="提出索赔时（{filed_at}）不得有处理中的拒付（开始：{chargeback_opened_at}，结束：{chargeback_closed_at}）。",
    ),
    "already_claimed": Words(
        en="no other open claim has these items (found: {claimed_by}).",
        zh="这些商品不得已有未结的索赔（已有：{claimed_by}）。",
    ),
    "amount_exceeds_paid": Words(
        en="{claimed_amount} was claimed; {left_amount} is left of what was paid, and {extra_charges} of extra "
        "charges are documented.",
        zh="索赔金额为 {claimed_amount}；已付金额中尚余 {left_amount}，另有凭证的额外费用为 {extra_charges}。",
    ),
    "delivered": Words(
        en="{units_undelivered} of {units_claimed} claimed units have no delivery scan.",
        zh="索赔的 {units_claimed} 件中有 {units_undelivered} 件没有送达记录。",
    ),
    "not_contacted": Words(
        en="the buyer wrote first in the right channel ({contact_opened_at}), and it was not resolved by "
        "{resolve_by} ({resolved_at}).",
        zh="买家须先通过相应渠道联系（{contact_opened_at}），且至{resolve_by}未解决（{resolved_at}）。",
    ),
    "too_early": Words(
        en="filed {filed_at}, a claim can be filed from {eligible_from}: delivery was expected on {expected_on}, and "
        "the seller had time to resolve it.",
        zh="提交于{filed_at}；可提出索赔的时间自{eligible_from}起：预计送达日期为{expected_on}，且卖家已有时间处理。",
    ),
    "too_late": Words(
        en="filed {filed_at}, a claim can be filed until {until}.",
        zh="提交于{filed_at}；提出索赔截至{until}。",
    ),
    "return_policy_not_followed": Words(
        en="where a return was authorised ({return_authorised_at}), the item is sent back by {return_by} (sent: "
        "{return_shipped_at}), or the reason of the claim says why not.",
        zh="退货已获授权（{return_authorised_at}）时，须在{return_by}之前寄回（寄出：{return_shipped_at}），或由索赔原因说明理由。",
    ),
}
"""What a filing must meet, by the refusal that follows if it does not; facts are named in braces."""

NOTHING = Words(en="none", zh="无")
"""Stands for a fact that there was not."""
