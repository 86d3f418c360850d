"""The sentences and words that messages are told in, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from shared.contracts.data import Words


def _w(en: str, zh: str) -> Words:
    return Words(en=en, zh=zh)


WORDS: Mapping[str, Mapping[str, Words]] = {
    "reason": {
        "buyer": _w("the buyer wished it", "买家要求"),
        "out_of_stock": _w("out of stock", "缺货"),
        "payment_refused": _w("the payment was refused", "付款被拒绝"),
        "fraud": _w("the payment is a fraud", "付款涉嫌欺诈"),
        "verification_expired": _w("it was not verified in time", "未能按时通过验证"),
        "seller": _w("the seller canceled", "卖家取消"),
        "ship_confirmation_expired": _w("shipment was not confirmed in time", "未按时确认发货"),
        "claim_granted": _w("a claim was granted", "索赔已获批准"),
        "released": _w("the order was released already", "订单已放行"),
        "shipped": _w("it was confirmed as shipped already", "已确认发货"),
    },
    "kind": {
        "hold_end": _w("the end of the hold", "保留期结束"),
        "verification_due": _w("the last moment for verification", "付款验证期限"),
        "ship_by_warning": _w("the warning before the cutoff", "发货截止前的提醒"),
        "ship_confirmation_due": _w("the cutoff for confirming the shipment", "确认发货截止时间"),
        "response_due": _w("the seller's time to answer", "卖家回复期限"),
        "resolution_due": _w("the time to settle the matter", "解决问题的期限"),
        "filing_opens": _w("the moment from which a claim may be filed", "可以提出索赔的时间"),
        "contact_due": _w("the end of the time to answer that a rate counts", "按时回复率的统计期限"),
        "information_due": _w("the time to give the information", "提供信息的期限"),
        "judge_again": _w("a moment to judge the claim again", "重新判断索赔的时间"),
        "appeal_end": _w("the end of the time to appeal", "申诉期结束"),
        "answer_due": _w("the seller's time to answer the claim", "卖家答复索赔的期限"),
        "return_due": _w("the buyer's time to send it back", "买家寄回商品的期限"),
        "return_refund_due": _w("the seller's time to refund what is back", "卖家收到退货后的退款期限"),
        "day_ends": _w("the end of a day that rates count", "计入指标的一天结束"),
        "reminder_due": _w("a reminder", "提醒"),
        "claim_granted": _w("a claim granted at the seller's cost", "由卖家承担的索赔"),
        "claim_refunded": _w("a claim that the seller refunded", "卖家已退款的索赔"),
        "negative_feedback": _w("negative feedback", "负面评价"),
        "chargeback_lost": _w("a chargeback that the buyer won", "买家胜诉的拒付"),
        "cancellation": _w("a cancellation before shipping", "发货前取消"),
        "late_answer": _w("a contact that was not answered in time", "未按时回复的联系"),
    },
    "funding": {
        "seller": _w("the seller pays", "由卖家承担"),
        "marketplace": _w("the marketplace pays", "由平台承担"),
    },
    "from": {"buyer": _w("the buyer", "买家"), "seller": _w("the seller", "卖家")},
    "outcome": {
        "granted": _w("granted", "批准"),
        "denied": _w("denied", "驳回"),
        "refused": _w("refused", "不予受理"),
        "withdrawn": _w("withdrawn by the buyer", "买家已撤回"),
        "refunded": _w("refunded by the seller", "卖家已退款"),
        "not_returned": _w("not sent back", "未寄回商品"),
        "chargeback": _w("won by the buyer at the bank", "买家拒付成功"),
        "reversed": _w("reversed on appeal", "申诉后撤销原决定"),
        "upheld": _w("upheld on appeal", "申诉后维持原决定"),
        "buyer_won": _w("the buyer won", "买家胜诉"),
        "seller_won": _w("the seller won", "卖家胜诉"),
    },
    "first_outcome": {
        "granted": _w("the grant", "批准决定"),
        "denied": _w("the denial", "驳回决定"),
        "refused": _w("the refusal", "不予受理的决定"),
    },
    "answer": {
        "authorised": _w("the return is authorised", "同意退货"),
        "refund_without_return": _w("it is refunded without a return", "无需退货，直接退款"),
        "declined": _w("the return is declined", "拒绝退货"),
    },
    "by": {
        "buyer": _w("the buyer", "买家"),
        "seller": _w("the seller", "卖家"),
        "support": _w("customer service", "客服"),
        "payment": _w("payment verification", "付款验证"),
        "marketplace": _w("the marketplace", "平台"),
        "carrier": _w("the carrier", "承运人"),
    },
    "reverse_money": {
        "True": _w("the money goes back", "款项退还"),
        "False": _w("the money stays as it is", "款项不变"),
    },
    "reverse_defect": {
        "True": _w("it counts no more against the seller", "不再计入卖家缺陷"),
        "False": _w("what counts against the seller stays", "卖家缺陷记录不变"),
    },
    "cause": {
        "delayed": _w("takes longer", "需要更长时间"),
        "failed": _w("did not succeed", "未成功"),
        "buyer": _w("the buyer says so", "买家确认"),
        "refunded": _w("it was refunded in full", "已全额退款"),
        "seller": _w("the seller wished it", "卖家主动退款"),
        "claim": _w("the seller refunds the claim", "卖家就索赔退款"),
        "return": _w("of a return", "退货退款"),
    },
    "on_silence": {
        "grant": _w("silence grants the claim", "逾期未答复则批准索赔"),
        "investigate": _w("the investigation then goes on", "逾期未答复则继续调查"),
    },
}

_REFUSED = _w("refused by {rule} ({reason}): {message}", "按 {rule} 拒绝（{reason}）：{message}")

SENTENCES: Mapping[str, Words] = {
    "orders.order_received.v1": _w(
        "the order is received; it is held, and pending until its payment is verified",
        "已收到订单；订单暂时保留，在付款验证之前处于等待状态",
    ),
    "orders.verification_delayed.v1": _w("payment verification {cause_word}", "付款验证{cause_word}"),
    "orders.order_released.v1": _w(
        "the order is released: to be shipped by {expected_ship_date}, delivered by {delivery_to}",
        "订单已放行：应于{expected_ship_date}前发货，{delivery_to}前送达",
    ),
    "orders.order_canceled.v1": _w(
        "the order is canceled, {reason_word}; {amount} is not charged",
        "订单已取消（{reason_word}）；{amount} 不予收取",
    ),
    "orders.lines_canceled.v1": _w(
        "part of the order is canceled, {reason_word}; {amount} is not charged",
        "订单部分取消（{reason_word}）；{amount} 不予收取",
    ),
    "orders.cancellation_refused.v1": _w(
        "the wish to cancel came too late: {reason_word}", "取消请求太迟：{reason_word}"
    ),
    "orders.shipment_confirmed.v1": _w(
        "the shipment is confirmed: {carrier} {tracking_number}", "发货已确认：{carrier} {tracking_number}"
    ),
    "orders.order_shipped.v1": _w("all of the order is shipped", "订单已全部发货"),
    "orders.promise_changed.v1": _w(
        "the carrier promises delivery on {promised_date}", "承运人承诺于{promised_date}送达"
    ),
    "orders.shipment_delivered.v1": _w(
        "a scan says: delivered on {delivered_at}", "扫描显示：已于{delivered_at}送达"
    ),
    "orders.order_delivered.v1": _w("all of the order is delivered", "订单已全部送达"),
    "orders.ship_by_warned.v1": _w(
        "“Confirm as shipped by {confirm_by} to avoid cancellation”",
        "“请在{confirm_by}前确认发货，以免订单被取消”",
    ),
    "orders.command_refused.v1": _REFUSED,
    "orders.address_changed.v1": _w(
        "the order goes to another address, as asked by message", "已按消息中的要求更改收货地址"
    ),
    "orders.refund_recorded.v1": _w(
        "{amount} is to be paid back to the buyer: {cause_word}", "应向买家退款 {amount}：{cause_word}"
    ),
    "orders.feedback_left.v1": _w(
        "the buyer rates the order: {rating} of 5", "买家评价：{rating} 星（满分 5 星）"
    ),
    "orders.chargeback_opened.v1": _w(
        "the buyer's bank takes {amount} back, for now: a chargeback", "买家银行暂时收回 {amount}：拒付"
    ),
    "orders.chargeback_closed.v1": _w(
        "the chargeback is decided: {outcome_word}, {amount}", "拒付已裁定：{outcome_word}，{amount}"
    ),
    "inventory.stock_reserved.v1": _w(
        "{quantity} of {sku} taken from the listing", "从商品 {sku} 的库存中扣减 {quantity} 件"
    ),
    "inventory.stock_released.v1": _w(
        "{quantity} of {sku} given back to the listing", "向商品 {sku} 的库存退回 {quantity} 件"
    ),
    "inventory.listing_withdrawn.v1": _w(
        "{sku} is sold out and leaves the offer page", "{sku} 已售罄，从商品页撤下"
    ),
    "inventory.listing_restored.v1": _w("{sku} is back on the offer page", "{sku} 重新上架"),
    "messaging.message_sent.v1": _w("the message is passed on and kept", "消息已转达并保存"),
    "messaging.contact_opened.v1": _w(
        "a contact is open; the seller has until {respond_by} to answer",
        "联系已建立；卖家须在{respond_by}之前回复",
    ),
    "messaging.contact_responded.v1": _w("the seller's answer stops the clock", "卖家已回复，计时停止"),
    "messaging.response_overdue.v1": _w(
        "no answer by {respond_by}: overdue", "至{respond_by}仍未回复：已逾期"
    ),
    "messaging.resolution_overdue.v1": _w(
        "not settled by {resolve_by}: overdue", "至{resolve_by}仍未解决：已逾期"
    ),
    "messaging.contact_resolved.v1": _w("the matter is settled: {cause_word}", "问题已解决：{cause_word}"),
    "messaging.return_requested.v1": _w("the buyer asks to return it", "买家申请退货"),
    "messaging.return_answered.v1": _w("the seller answers: {answer_word}", "卖家答复：{answer_word}"),
    "messaging.return_shipped.v1": _w(
        "the buyer sent it back: {carrier} {tracking_number}", "买家已寄回：{carrier} {tracking_number}"
    ),
    "messaging.return_received.v1": _w("it is back, says {by_word}", "退货已收到（{by_word}确认）"),
    "messaging.command_refused.v1": _REFUSED,
    "claims.filing_opened.v1": _w(
        "the buyer may now file a claim, until {until}", "买家现在可以提出索赔，截止时间为{until}"
    ),
    "claims.claim_filed.v1": _w("the claim is filed, for {amount}", "索赔已提交，金额 {amount}"),
    "claims.claim_refused.v1": _w(
        "the filing is not accepted, by {rule} ({reason}): {message}",
        "索赔未被受理，依据 {rule}（{reason}）：{message}",
    ),
    "claims.information_requested.v1": _w(
        "{from_word} is asked, and has until {respond_by}; {on_silence_word}",
        "要求{from_word}提供信息，期限为{respond_by}；{on_silence_word}",
    ),
    "claims.information_provided.v1": _w("the information is given", "信息已提供"),
    "claims.claim_answered.v1": _w("the seller answers the claim", "卖家已答复索赔"),
    "claims.evidence_added.v1": _w("evidence is added to the case", "已补充证据材料"),
    "claims.return_required.v1": _w(
        "the seller will refund once it is back; the buyer has until {send_by} to send it",
        "卖家将在收到退货后退款；买家须在{send_by}之前寄出",
    ),
    "claims.claim_suspended.v1": _w(
        "suspended: while a chargeback runs nothing is decided, and the clocks stand still",
        "暂停：拒付处理期间不作决定，计时停止",
    ),
    "claims.claim_resumed.v1": _w("the investigation goes on", "调查继续"),
    "claims.claim_granted.v1": _w("GRANTED: {amount}, {funding_word}", "批准：{amount}，{funding_word}"),
    "claims.grant_voided.v1": _w(
        "VOID: the seller had answered in time, on {answered_at}; back to investigation, the buyer keeps the money",
        "批准作废：卖家已于{answered_at}按时回复；索赔重新进入调查，买家保留款项",
    ),
    "claims.claim_denied.v1": _w("DENIED: {reasons}", "驳回：{reasons}"),
    "claims.claim_withdrawn.v1": _w("the buyer takes the claim back", "买家撤回索赔"),
    "claims.claim_refunded_by_seller.v1": _w(
        "REFUNDED: the seller refunds {amount} in full", "退款：卖家全额退还 {amount}"
    ),
    "claims.claim_appealed.v1": _w(
        "{by_word} appeals: somebody else looks at it again", "{by_word}提出申诉：由另一位调查员复核"
    ),
    "claims.appeal_reversed.v1": _w(
        "REVERSED: {first_outcome_word} does not stand; {amount}; {reverse_money_word}; {reverse_defect_word}",
        "撤销：{first_outcome_word}不成立；{amount}；{reverse_money_word}；{reverse_defect_word}",
    ),
    "claims.appeal_upheld.v1": _w(
        "UPHELD: {first_outcome_word} stands, for good: {reasons}",
        "维持：{first_outcome_word}成立，不可更改：{reasons}",
    ),
    "claims.eligibility_checked.v1": _w(
        "asked whether a claim can be filed: from {from}, until {until}; missing: {missing}",
        "查询是否可以提出索赔：自{from}起，至{until}止；欠缺：{missing}",
    ),
    "claims.claim_closed.v1": _w("closed: {outcome_word}, and final", "结案：{outcome_word}，不可更改"),
    "claims.command_refused.v1": _REFUSED,
    "finance.seller_debited.v1": _w(
        "the seller is debited {amount}, by {rules}", "向卖家扣款 {amount}，依据 {rules}"
    ),
    "finance.seller_reimbursed.v1": _w("the seller gets {amount} back", "向卖家退还 {amount}"),
    "finance.buyer_compensated.v1": _w("the buyer is paid {amount}", "向买家支付 {amount}"),
    "timer.schedule.v1": _w("a timer is set: {kind_word}, {due_at}", "设定计时：{kind_word}，{due_at}"),
    "timer.cancel.v1": _w("a timer is called off", "取消计时"),
    "timer.deadline_expired.v1": _w("it is time: {kind_word}", "时间到：{kind_word}"),
    "performance.defect_counted.v1": _w(
        "it counts against the seller: {kind_word}", "计入卖家指标：{kind_word}"
    ),
    "performance.defect_taken_back.v1": _w(
        "it counts against the seller no more: {kind_word}", "不再计入卖家指标：{kind_word}"
    ),
    "performance.contest_submitted.v1": _w(
        "the seller contests what was counted", "卖家对计入指标的记录提出异议"
    ),
    "performance.contest_under_review.v1": _w("the contest is under review", "异议审核中"),
    "performance.contest_accepted.v1": _w("the contest is accepted", "异议成立"),
    "performance.contest_rejected.v1": _w("the contest is rejected: {reasons}", "异议不成立：{reasons}"),
    "performance.health_changed.v1": _w("the seller's rates: {rates}", "卖家指标：{rates}"),
    "performance.command_refused.v1": _REFUSED,
    "notifications.notification_sent.v1": _w(
        "mail “{template}” sent to {party_id}", "邮件“{template}”已发送给 {party_id}"
    ),
    "notifications.notification_failed.v1": _w(
        "mail “{template}” to {party_id} could not be delivered", "邮件“{template}”无法送达 {party_id}"
    ),
    "operations.retried.v1": _w("read again, as an operator wished", "已按操作员要求重新读取"),
    "operations.skipped.v1": _w(
        "left out for good, as an operator wished: {reason}", "已按操作员要求跳过：{reason}"
    ),
    "operations.refused.v1": _w("an operator's wish is refused: {message}", "操作员的请求被拒绝：{message}"),
}
"""By the message's type: every one that a service of ours writes."""
