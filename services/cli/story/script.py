"""The story that the demo plays: chapters of steps, each at its instant. Pure: the clock's start is all it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cli.story.events import (
    Event,
    Order,
    Person,
    buyer_registered,
    scanned,
    seller_registered,
    stocked,
    ups_number,
)
from shared.contracts.lists import MessageIssue, Side

START = datetime.fromisoformat("2027-04-05T15:00:00+00:00")
"""Eight in the morning of a Monday in Los Angeles, and no change to or from summer time for half a year."""
INVESTIGATOR, SECOND_INVESTIGATOR = "investigator-1", "investigator-2"

LAMP_SHOP = Person("lamp-shop", "Lamp Shop")
KITE_SHOP = Person("kite-shop", "Kite Shop")
TEA_HOUSE = Person("tea-house", "茶馆", "zh")
BUYERS = tuple(Person(f"buyer-{number}", f"Buyer {number}") for number in range(1, 6))
SELLERS = (LAMP_SHOP, KITE_SHOP, TEA_HOUSE)

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_HOLD = timedelta(minutes=30)
_VERIFIED_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Step:
    """At an instant somebody does something. Without events, time passes until then."""

    at: datetime
    who: str
    text: str
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """What must have come of an order when the story is over: its claim's decisions, debits and reimbursements."""

    outcome: str
    decisions: tuple[str, ...] = ()
    debits: int = 0
    reimbursements: int = 0


@dataclass(frozen=True, slots=True)
class Chapter:
    """One order's story, told from its first step to its last."""

    title: str
    intro: str
    order: Order
    steps: Sequence[Step]
    ending: Ending


def opening(at: datetime) -> Sequence[Step]:
    """Sellers, buyers and their goods, as upstream knows them."""
    people = [
        *(seller_registered(each, at) for each in SELLERS),
        *(buyer_registered(each, at) for each in BUYERS),
    ]
    goods = [stocked(seller, f"{seller.id}-goods", 1000, at) for seller in SELLERS]
    return [
        Step(
            at, "accounts", f"{len(SELLERS)} sellers and {len(BUYERS)} buyers are registered", tuple(people)
        ),
        Step(at, "catalogue", "each seller has 1000 of what they sell", tuple(goods)),
    ]


def chapters(start: datetime) -> Sequence[Chapter]:
    """Tell one chapter after the other: each begins at the hour of `start`, the day after the one before has ended."""
    found: list[Chapter] = []
    at = start
    for number, tell in enumerate(_CHAPTERS):
        chapter = tell(at, number)
        found.append(chapter)
        at = morning_after(chapter.steps[-1].at, start)
    return found


def morning_after(end: datetime, start: datetime) -> datetime:
    """Return the first instant after an end that has the hour of `start`."""
    return start + ((end - start) // _DAY + 1) * _DAY


def _order(
    name: str, seller: Person, number: int, placed_at: datetime, price_minor: int, title: str
) -> Order:
    return Order(
        order_id=f"order-{name}",
        seller=seller,
        buyer=BUYERS[number % len(BUYERS)],
        placed_at=placed_at,
        title=title,
        sku=f"{seller.id}-goods",
        price_minor=price_minor,
        tracking_number=ups_number(number + 1),
    )


def _placed(order: Order) -> Step:
    text = f"{order.buyer.name} orders “{order.title}” from {order.seller.name}"
    return Step(order.placed_at, "checkout", text, (order.placed(),))


def _sold(order: Order) -> list[Step]:
    """Placed, verified at once, and held all the same (O2)."""
    at = order.placed_at
    return [
        _placed(order),
        Step(at + _VERIFIED_AFTER, "payment", "the payment is good", (order.verified(at + _VERIFIED_AFTER),)),
        Step(at + _HOLD, "", "the 30 minutes are over in which the buyer may still cancel"),
    ]


def _delivered(order: Order) -> list[Step]:
    shipped_at, scanned_at = order.placed_at + _DAY, order.placed_at + 3 * _DAY
    return [
        Step(
            shipped_at,
            "seller",
            f"ships it by UPS, number {order.tracking_number}",
            (order.shipped(shipped_at),),
        ),
        Step(
            scanned_at,
            "carrier",
            "scans it at the door: delivered",
            (scanned(order.tracking_number, scanned_at),),
        ),
    ]


def _wrong_colour(start: datetime, number: int) -> Chapter:
    order = _order("wrong-colour", LAMP_SHOP, number, start, 3500, "Desk lamp, red")
    wrote, answered, settled = (start + 4 * _DAY + each * _HOUR for each in (0, 5, 24))
    sorry = "Sorry! The red one is on its way, keep the green one."
    return Chapter(
        "A wrong colour, settled by message",
        "Most trouble ends like this: buyer and seller talk, and nobody needs a claim.",
        order,
        [
            *_sold(order),
            *_delivered(order),
            _writes(order, "buyer", "It is green. I ordered red.", wrote, "product"),
            _writes(order, "seller", sorry, answered, "product"),
            Step(settled, "buyer", "says that the matter is settled", (order.resolved(settled),)),
        ],
        Ending("settled by message, no claim"),
    )


def _silence(start: datetime, number: int) -> Chapter:
    order = _order("silence", KITE_SHOP, number, start, 4999, "Box kite")
    wrote, early, filed = start + 6 * _DAY, start + 8 * _DAY, start + 10 * _DAY
    return Chapter(
        "48 hours of silence",
        "The seller neither ships nor answers. The buyer has to wait, then files, and is paid at once.",
        order,
        [
            *_sold(order),
            _writes(order, "buyer", "Where is my kite?", wrote),
            Step(
                early, "buyer", "48 hours without an answer: files a claim, too early", (order.filed(early),)
            ),
            Step(filed, "buyer", "files it again when it is time", (order.filed(filed),)),
        ],
        Ending("granted at its filing, by the seller's silence", ("claims.claim_granted.v1",), debits=1),
    )


def _not_found(order: Order, answer_read: timedelta | None) -> tuple[list[Step], datetime]:
    """Tracking says delivered, the buyer finds nothing; the seller's answer is read after so long, or never."""
    wrote = order.placed_at + 6 * _DAY
    answered = wrote + 20 * _HOUR
    filed = order.placed_at + 10 * _DAY
    answer = _writes(order, "seller", "It was left at your door.", answered)
    steps = [
        *_sold(order),
        *_delivered(order),
        _writes(order, "buyer", "Tracking says delivered. It is not here.", wrote),
    ]
    if answer_read is None:
        steps.append(answer)
    steps.append(
        Step(
            filed,
            "buyer",
            "files a claim: delivered, but not found",
            _not_found_filed(order, filed),
        )
    )
    if answer_read is not None:
        hours = (answered - wrote) // _HOUR
        text = f"only now arrives the answer that the seller gave {hours} hours after the question"
        steps.append(Step(filed + answer_read, "front end", text, answer.events))
    return steps, filed


def _missed_request(start: datetime, number: int) -> Chapter:
    order = _order("missed-request", LAMP_SHOP, number, start, 8900, "Floor lamp")
    steps, filed = _not_found(order, None)
    asked, over = filed + 2 * _HOUR, filed + 50 * _HOUR
    question = "Who signed for the parcel?"
    request = order.asked(asked, INVESTIGATOR, [question])
    return Chapter(
        "A missed information request",
        "The seller answered in time: nothing is granted at the filing. Then an investigator asks, and hears nothing.",
        order,
        [
            *steps,
            Step(asked, "investigator", f"asks the seller: “{question}”", (request,)),
            Step(over, "", "48 hours later the deadline comes, and the seller has said nothing"),
        ],
        Ending("granted by a deadline that came after the filing", ("claims.claim_granted.v1",), debits=1),
    )


def _answered(start: datetime, number: int) -> Chapter:
    order = _order("answered", KITE_SHOP, number, start, 2750, "Stunt kite")
    steps, filed = _not_found(order, None)
    decided = filed + 30 * _HOUR
    reason = "The carrier's photo shows the parcel at the buyer's door."
    return Chapter(
        "Answered in time",
        "The same again, but this seller has nothing to fear: an answer in time grants nothing, and the facts decide.",
        order,
        [
            *steps,
            Step(
                decided,
                "investigator",
                f"denies it: “{reason}”",
                (order.denied(decided, INVESTIGATOR, reason),),
            ),
        ],
        Ending("denied by an investigator", ("claims.claim_denied.v1",)),
    )


def _late_post(start: datetime, number: int) -> Chapter:
    order = _order("late-post", TEA_HOUSE, number, start, 6600, "茶壶 (teapot)")
    steps, filed = _not_found(order, 3 * _HOUR)
    decided = filed + 30 * _HOUR
    reason = "The buyer's neighbour has it."
    return Chapter(
        "An answer in time that arrives late",
        "The grant is made on what was known. Then an answer turns up that was given in time: it wins, late or not.",
        order,
        [
            *steps,
            Step(
                decided,
                "investigator",
                f"denies it: “{reason}”",
                (order.denied(decided, INVESTIGATOR, reason),),
            ),
        ],
        Ending(
            "granted, void when the answer was read, then denied",
            ("claims.claim_granted.v1", "claims.grant_voided.v1", "claims.claim_denied.v1"),
            debits=1,
            reimbursements=1,
        ),
    )


def _appeal(start: datetime, number: int) -> Chapter:
    order = _order("appeal", LAMP_SHOP, number, start, 5400, "Reading lamp")
    wrote, filed = start + 6 * _DAY, start + 10 * _DAY
    appealed, decided = filed + 28 * _DAY, filed + 29 * _DAY
    photo = "I was ill and could not answer. Here is the carrier's photo: it stands at the buyer's door."
    reason = "The photo shows the parcel at the door."
    return Chapter(
        "An appeal, won on day 29",
        "A seller who could not answer has 30 days to appeal. Somebody else looks at it; the buyer never pays back.",
        order,
        [
            *_sold(order),
            *_delivered(order),
            _writes(order, "buyer", "Tracking says delivered. It is not here.", wrote),
            Step(filed, "buyer", "files a claim: delivered, but not found", _not_found_filed(order, filed)),
            Step(
                appealed, "seller", f"appeals, 28 days later: “{photo}”", (order.appealed(appealed, photo),)
            ),
            Step(
                decided,
                "investigator",
                f"another one, reverses it: “{reason}”",
                (order.appeal_reversed(decided, SECOND_INVESTIGATOR, reason),),
            ),
        ],
        Ending(
            "granted by silence, reversed on appeal: the marketplace bears it",
            ("claims.claim_granted.v1", "claims.appeal_reversed.v1"),
            debits=1,
            reimbursements=1,
        ),
    )


def _not_found_filed(order: Order, at: datetime) -> tuple[Event, ...]:
    return (order.filed(at, "delivered_not_found"),)


def _unverified(start: datetime, number: int) -> Chapter:
    order = _order("unverified", LAMP_SHOP, number, start, 12000, "Chandelier")
    delayed = start + _HOUR
    return Chapter(
        "Verification that takes 21 days",
        "A payment that is never verified: the seller hears nothing of the order, and after 21 days it is gone.",
        order,
        [
            _placed(order),
            Step(delayed, "payment", "the payment can't be verified yet", (order.delayed(delayed),)),
            Step(start + 21 * _DAY, "", "21 days after the order was placed"),
        ],
        Ending("canceled after 21 days without verification"),
    )


def _never_shipped(start: datetime, number: int) -> Chapter:
    order = _order("never-shipped", KITE_SHOP, number, start, 1800, "Kite string")
    return Chapter(
        "The 30-day cutoff",
        "A seller who never confirms the shipment is warned a week before the cutoff; then the order is canceled.",
        order,
        [
            *_sold(order),
            Step(start + 23 * _DAY, "", "a week before the cutoff"),
            Step(start + 30 * _DAY + _HOLD, "", "30 days after the order date, and ten minutes to settle"),
        ],
        Ending("canceled at the cutoff, after a warning"),
    )


def _writes(order: Order, who: Side, text: str, at: datetime, issue: MessageIssue = "delivery") -> Step:
    return Step(at, who, f"writes: “{text}”", (order.wrote(who, text, at, issue),))


_CHAPTERS: tuple[Callable[[datetime, int], Chapter], ...] = (
    _wrong_colour,
    _silence,
    _missed_request,
    _answered,
    _late_post,
    _appeal,
    _unverified,
    _never_shipped,
)
