"""A claim's story as a page of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.claims.templates.forms import instant
from services.cli.claim_story import NOT_ACCEPTED, ClaimStory, Decided, amount_told, told
from services.cli.telling import Language
from shared.contracts.data import Words

_WORDS: Mapping[str, Words] = {
    "title": Words(en="Claim {claim} on order {order}: {state}", zh="索赔 {claim}（订单 {order}）：{state}"),
    "facts": Words(en="What happened", zh="经过"),
    "decisions": Words(en="What was decided, and why", zh="决定及理由"),
    "none": Words(en="nothing yet", zh="暂无"),
    "automatic": Words(en="automatically", zh="自动"),
    "by": Words(en="by an investigator", zh="由调查员"),
    "policy": Words(en="policy {policy}", zh="政策 {policy}"),
    "appeal": Words(en="appeal until {until}", zh="申诉截止 {until}"),
    "money": Words(en="Money", zh="资金"),
    "compensated": Words(en="paid to the buyer", zh="支付给买家"),
    "debited": Words(en="debited from the seller", zh="向卖家扣款"),
    "reimbursed": Words(en="given back to the seller", zh="退还给卖家"),
    "refunded": Words(en="refunded by the seller", zh="卖家退款"),
    "borne": Words(en="borne by the marketplace", zh="由平台承担"),
}
STATES: Mapping[str, Words] = {
    "under_investigation": Words(en="under investigation", zh="调查中"),
    "awaiting_information": Words(en="awaiting information", zh="等待补充信息"),
    "awaiting_return": Words(en="awaiting the return", zh="等待退货"),
    "granted": Words(en="granted", zh="已批准"),
    "denied": Words(en="denied", zh="已驳回"),
    "refused": Words(en="refused by judgement", zh="经判断不予受理"),
    "appealed": Words(en="under appeal", zh="申诉中"),
    "suspended": Words(en="suspended by a chargeback", zh="因拒付暂停"),
    "withdrawn": Words(en="withdrawn by the buyer", zh="买家已撤回"),
    "refunded_by_seller": Words(en="refunded by the seller", zh="卖家已退款"),
    "reversed": Words(en="reversed on appeal", zh="申诉后已撤销"),
    "upheld": Words(en="upheld on appeal", zh="申诉后已维持"),
    "closed": Words(en="closed", zh="已结案"),
    NOT_ACCEPTED: Words(en="not accepted", zh="未受理"),
}


def page(story: ClaimStory, language: Language) -> Iterable[str]:
    """Write the story, a line at a time."""

    def word(name: str, **values: str) -> str:
        return _in(_WORDS[name], language).format(**values)

    state = STATES.get(story.state)
    shown = _in(state, language) if state else story.state
    yield word("title", claim=story.claim_id, order=story.order_id, state=shown)
    yield ""
    yield word("facts")
    for fact in story.facts:
        yield f"  {_short(fact.at)}  {fact.service:<10} {told(fact, story.zone, language)}"
    yield ""
    yield word("decisions")
    for decision in story.decisions:
        yield f"  {told(decision.fact, story.zone, language)}"
        yield f"  {_terms(decision, story.zone, language)}"
        yield from (f"    {sentence}" for sentence in decision.sentences[language])
    if not story.decisions:
        yield f"  {word('none')}"
    yield ""
    yield word("money")
    moved = story.moved
    sums = {
        "compensated": moved.compensated,
        "debited": moved.debited,
        "reimbursed": moved.reimbursed,
        "refunded": moved.refunded,
        "borne": moved.borne_by_marketplace,
    }
    for name, minor in sums.items():
        amount = amount_told(minor, moved.currency, language) if moved.currency else "—"
        yield f"  {amount:>12}  {word(name)}"


def _terms(decision: Decided, zone: str, language: Language) -> str:
    data = decision.fact.data
    terms = []
    if "automatic" in data:
        terms.append(_in(_WORDS["automatic" if data["automatic"] else "by"], language))
    if data.get("policy_id"):
        terms.append(_in(_WORDS["policy"], language).format(policy=data["policy_id"]))
    if data.get("appeal_until"):
        until = instant(datetime.fromisoformat(data["appeal_until"]), zone, language)
        terms.append(_in(_WORDS["appeal"], language).format(until=until))
    return f"({'; '.join(terms)})"


def _in(words: Words, language: Language) -> str:
    return words.en if language == "en" else words.zh


def _short(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
