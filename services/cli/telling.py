"""What our services say, as a sentence for people, in both languages: one for every message, from its fields alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from services.claims.domain.money import Money
from services.claims.templates.forms import LANGUAGES, Language, day, instant, money
from shared.contracts.data import Words

__all__ = ["LANGUAGES", "SENTENCES", "Language", "amount_of", "tell"]


def tell(type_: str, data: Mapping[str, Any], zone: str, language: Language) -> str:
    """Write a message as a sentence, with instants in this time zone; a type without one by its name."""
    words = SENTENCES.get(type_)
    if words is None:
        return type_
    template = words.en if language == "en" else words.zh
    return template.format_map(_Fields(data, zone, language))


def amount_of(value: Mapping[str, Any], language: Language) -> str:
    """Write an amount as people do."""
    return money(Money(value["amount_minor"], value["currency"]), language)


class _Fields(dict[str, str]):
    """What a sentence names, read from the message when it is named; `name_word` is looked up in a list of words."""

    def __init__(self, data: Mapping[str, Any], zone: str, language: Language) -> None:
        super().__init__()
        self._data = data
        self._zone = zone
        self._language = language

    def __missing__(self, name: str) -> str:
        if name.endswith("_word"):
            field = name.removesuffix("_word")
            return _word(field, self._data.get(field), self._language)
        return _FORMS.get(name, _plain)(self._data.get(name), self._zone, self._language)


def _plain(value: Any, _zone: str, _language: Language) -> str:
    return "—" if value is None else str(value)


def _instant(value: Any, zone: str, language: Language) -> str:
    return instant(datetime.fromisoformat(value), zone, language) if value else "—"


def _day(value: Any, _zone: str, language: Language) -> str:
    return day(date.fromisoformat(value), language) if value else "—"


def _amount(value: Any, _zone: str, language: Language) -> str:
    return amount_of(value, language) if value else "—"


def _list(value: Any, _zone: str, language: Language) -> str:
    return {"en": ", ", "zh": "、"}[language].join(str(each) for each in value or ()) or "—"


def _why(value: Any, _zone: str, language: Language) -> str:
    return str(value[language]) if value else "—"


_FORMS: Mapping[str, Callable[[Any, str, Language], str]] = {
    **dict.fromkeys(
        (
            "placed_at", "confirm_by", "requested_at", "delivered_at", "respond_by", "resolve_by", "responded_at",
            "resolved_at", "eligible_from", "until", "provided_at", "appeal_until", "answered_at", "due_at",
            "opened_at", "shipped_at",
        ),
        _instant,
    ),
    **dict.fromkeys(("expected_ship_date", "delivery_from", "delivery_to", "promised_date"), _day),
    **dict.fromkeys(("amount", "compensation"), _amount),
    **dict.fromkeys(("rules", "questions", "reasons"), _list),
    "message": _why,
}  # fmt: skip


def _word(field: str, value: Any, language: Language) -> str:
    words = _WORDS.get(field, {}).get(str(value))
    return (words.en if language == "en" else words.zh) if words else str(value)


def _w(en: str, zh: str) -> Words:
    return Words(en=en, zh=zh)


_WORDS: Mapping[str, Mapping[str, Words]] = {
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
        "information_due": _w("the time to give the information", "提供信息的期限"),
        "judge_again": _w("a moment to judge the claim again", "重新判断索赔的时间"),
        "appeal_end": _w("the end of the time to appeal", "申诉期结束"),
        "reminder_due": _w("a reminder", "提醒"),
    },
    "funding": {
        "seller": _w("the seller pays", "由卖家承担"),
        "marketplace": _w("the marketplace pays", "由平台承担"),
    },
    "from": {"buyer": _w("the buyer", "买家"), "seller": _w("the seller", "卖家")},
    "outcome": {"granted": _w("granted", "批准"), "denied": _w("denied", "驳回")},
    "cause": {
        "delayed": _w("takes longer", "需要更长时间"),
        "failed": _w("did not succeed", "未成功"),
        "buyer": _w("the buyer says so", "买家确认"),
        "refunded": _w("it was refunded in full", "已全额退款"),
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
    "claims.claim_resumed.v1": _w("the investigation goes on without the answer", "未收到答复，调查继续"),
    "claims.claim_granted.v1": _w("GRANTED: {amount}, {funding_word}", "批准：{amount}，{funding_word}"),
    "claims.grant_voided.v1": _w(
        "VOID: the seller had answered in time, on {answered_at}; back to investigation, the buyer keeps the money",
        "批准作废：卖家已于{answered_at}按时回复；索赔重新进入调查，买家保留款项",
    ),
    "claims.claim_denied.v1": _w("DENIED: {reasons}", "驳回：{reasons}"),
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
