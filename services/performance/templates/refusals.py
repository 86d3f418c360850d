"""Why not, and what to do instead: a sentence a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from services.performance.domain import events
from shared.contracts.data import Words

Reason: TypeAlias = events.Reason | Literal["unknown_order"]

REFUSALS: Mapping[Reason, Words] = {
    "unknown_order": Words(
        en="There is no such order, or it has not arrived yet. Check the order id, and try again later.",
        zh="没有此订单，或订单尚未到达。请核对订单编号，稍后重试。",
    ),
    "in_the_future": Words(
        en="This is dated in the future. Please check the clock and send it again.",
        zh="时间晚于当前时间。请检查时钟后重新发送。",
    ),
    "not_the_seller": Words(
        en="Only the seller of this order can contest what counts against it.",
        zh="只有该订单的卖家可以对计入的项目提出异议。",
    ),
    "unknown_defect": Words(
        en="Nothing of this id counts against this order. What counts is listed with your rates.",
        zh="该订单没有计入此编号的项目。计入的项目列在您的绩效指标中。",
    ),
    "taken_back": Words(
        en="This counts no more, so there is nothing to contest.",
        zh="该项目已不再计入，无需提出异议。",
    ),
    "already_contested": Words(
        en="This was contested before. An investigator's decision on it is final.",
        zh="您已对此项目提出过异议。调查员的决定为最终决定。",
    ),
    "contest_id_reused": Words(
        en="Another contest of this order has this id. Give each contest an id of its own.",
        zh="此编号已用于该订单的另一项异议。每项异议请使用不同的编号。",
    ),
    "not_the_investigator": Words(
        en="Only an investigator can decide a contest.",
        zh="只有调查员可以对异议作出决定。",
    ),
    "unknown_contest": Words(
        en="This order has no such contest. Open contests are listed in the investigators' queue.",
        zh="该订单没有这项异议。待处理的异议列在调查员的队列中。",
    ),
    "contest_decided": Words(
        en="This contest is decided already, and the decision is final.",
        zh="该异议已有决定，且为最终决定。",
    ),
    "too_large": Words(
        en="This is more than can be kept. Please send it with less text and less supporting material.",
        zh="内容过大，无法保存。请减少文字和证明材料后重新发送。",
    ),
}
