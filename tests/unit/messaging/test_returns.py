"""M4: returns, from the request to the parcel that is back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.messaging.domain.events import (
    CommandRefused,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    MessageSent,
    MoneyReturnNoted,
    Reason,
    ResponseOverdue,
    ReturnAnswered,
    ReturnReceived,
    ReturnRequested,
    ReturnShipped,
    TimerCanceled,
    TimerSet,
)
from services.messaging.domain.inputs import AnswerReturn, Command, Input, RequestReturn
from services.messaging.domain.model import Actor, Answer, Parcel, ReturnAnswer, ReturnRequest, Units
from tests.unit.messaging.builders import (
    ASKED,
    BUYER,
    CUPS,
    DUE,
    INSTANT,
    LAMP,
    LATER,
    PLACED,
    RELEASED,
    SELLER,
    SPEC,
    SUPPORT,
    after,
    answer,
    asked,
    canceled,
    claimed,
    delivered,
    message,
    money_returned,
    order,
    receive,
    received,
    released,
    reply,
    request,
    resolve,
    return_asked,
    ship,
    wanted_back,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANSWERED, SENT, BACK = ASKED + 6 * HOUR, ASKED + DAY, ASKED + 4 * DAY
BOTH = received(LAMP, CUPS)
ALL = (Units("lamp", 1), Units("cups", 3))


def kept(command: RequestReturn) -> ReturnRequest:
    return ReturnRequest(
        command_id=command.command_id,
        contact_id=command.contact_id,
        author=command.actor,
        at=command.at,
        lines=command.lines,
        reason=command.reason,
        text=command.text,
    )


def said(command: AnswerReturn, *lines: Units) -> ReturnAnswer:
    return ReturnAnswer(
        command_id=command.command_id,
        author=command.actor,
        at=command.at,
        answer=command.answer,
        lines=lines,
        return_address_country=command.return_address_country,
        prepaid_label=command.prepaid_label,
        text=command.text,
    )


def refused(given: list[Input], command: Command, reason: Reason, rule: str = "M4") -> None:
    decided = after(received(), released(), *given).when(command, now=LATER).then_no_change()
    decided.then(CommandRefused(command.command_id, rule, reason, decided.the(CommandRefused).missing))


# ------------------------------------------------------------------------------------------------ requested


def test_a_return_request_opens_a_contact_of_its_own_channel_and_starts_both_clocks() -> None:
    asks = request()
    order().when(asks, now=ASKED).then(
        ContactOpened("return-1", None, "return_requests", "product", ASKED, DUE, DUE, "2021-en"),
        ReturnRequested(kept(asks), "return-1"),
        TimerSet("response_due", "return-1", DUE),
        TimerSet("resolution_due", "return-1", DUE),
    )


def test_support_requests_a_return_for_the_buyer() -> None:
    assert order().when(request(SUPPORT), now=LATER).the(ContactOpened).channel == "return_requests"


def test_a_message_about_a_product_is_no_return_request_and_a_request_is_no_part_of_it() -> None:
    written = asked(message(message_id="message-2", contact_id="contact-2", issue="product"))
    assert written.state is not None
    assert written.state.conversation.returns == ()
    assert written.when(request(), now=LATER).the(ContactOpened).contact_id == "return-1"


def test_a_message_about_a_product_opens_its_own_contact_beside_an_open_return() -> None:
    written = return_asked().when(message(issue="product"), now=LATER)
    assert written.the(ContactOpened).channel == "buyer_seller_messages"


def test_another_request_joins_the_open_one_and_its_id_becomes_a_name_of_it() -> None:
    more = request(at=ASKED + HOUR, contact_id="return-2", lines=(Units("cups", 2),))
    joined = after(BOTH, released(), request()).when(more, now=LATER)
    joined.then(ReturnRequested(kept(more), "return-1"))
    agreed = reply(contact_id="return-2")
    assert joined.when(agreed, now=LATER).the(ReturnAnswered) == ReturnAnswered(
        said(agreed, Units("lamp", 1), Units("cups", 2)), "return-1"
    )


def test_another_request_for_the_same_line_says_how_many_in_all() -> None:
    counts = [
        request(at=ASKED + n * HOUR, lines=(Units("cups", units),)) for n, units in enumerate((1, 3, 2))
    ]
    asked_thrice = after(BOTH, released(), *counts)
    assert asked_thrice.when(reply(), now=LATER).the(ReturnAnswered).answer.lines == (Units("cups", 3),)


def test_more_units_are_answered_where_fewer_had_a_better_answer() -> None:
    free = reply("refund_without_return", at=ANSWERED)
    more = request(at=ANSWERED + HOUR, lines=(Units("cups", 3),))
    one = after(received(CUPS), released(), request(lines=(Units("cups", 1),)), free, more)
    agreed = one.when(reply(at=ANSWERED + DAY), now=LATER)
    assert agreed.the(ReturnAnswered).answer.lines == (Units("cups", 2),)
    again = agreed.when(reply(at=ANSWERED + 2 * DAY), now=LATER)
    assert again.the(CommandRefused).reason == "already_answered"


def test_a_message_in_the_contact_of_a_return_is_in_its_channel() -> None:
    wrote = return_asked().when(message(contact_id="return-1", issue="product"), now=LATER)
    assert wrote.the(MessageSent).channel == "return_requests"


def test_a_resolved_return_is_not_joined_but_a_new_one_is_opened() -> None:
    settled = return_asked(resolve(at=ASKED + HOUR, contact_id="return-1"))
    again = request(at=ASKED + DAY, contact_id="return-2")
    assert settled.when(again, now=LATER).the(ContactOpened).contact_id == "return-2"
    refused(
        [request(), resolve(at=ASKED + HOUR, contact_id="return-1")], request(at=SENT), "already_resolved"
    )


def test_the_same_command_again_changes_nothing() -> None:
    asks = request()
    after(received(), released(), asks).when(asks, now=LATER).then_nothing()


def test_no_return_of_a_pending_order_is_requested() -> None:
    asks = request(at=PLACED + HOUR)
    after(received()).when(asks, now=LATER).then(
        CommandRefused(asks.command_id, "M5", "order_pending")
    ).then_no_change()
    refused([], request(at=RELEASED - INSTANT), "order_pending", "M5")


def test_nothing_of_a_canceled_order_can_be_returned() -> None:
    refused([canceled(ASKED - HOUR)], request(), "order_canceled")


def test_a_request_dated_before_the_cancellation_and_read_after_it_has_clocks_until_then() -> None:
    late = after(received(), released(), canceled(DUE + HOUR)).when(request(), now=LATER)
    assert late.every(ResponseOverdue) == [ResponseOverdue("return-1", DUE)]
    assert late.every(TimerSet) == []


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((Units("sofa", 1),), "unknown_line"),
        ((Units("lamp", 2),), "too_many_units"),
        ((Units("lamp", 1), Units("lamp", 1)), "too_many_units"),
    ],
)
def test_only_what_was_ordered_can_be_returned(lines: tuple[Units, ...], reason: Reason) -> None:
    refused([], request(lines=lines), reason)


def test_what_was_canceled_cannot_be_returned() -> None:
    gone = money_returned(1000, at=ASKED - DAY, lines=(Units("cups", 2),), is_canceled=True)
    rest = after(BOTH, released(), gone)
    rest.when(request(lines=(Units("cups", 1),)), now=LATER).the(ReturnRequested)
    two = request(lines=(Units("cups", 2),))
    rest.when(two, now=LATER).then(CommandRefused(two.command_id, "M4", "too_many_units"))


def test_a_request_states_its_reason() -> None:
    asks = request(reason="  ")
    order().when(asks, now=LATER).then(CommandRefused(asks.command_id, "M4", "incomplete_form", ("reason",)))


def test_a_contact_of_messages_is_no_return_request() -> None:
    refused([message()], request(contact_id="contact-1"), "no_return")
    for command in (
        reply(contact_id="contact-1"),
        ship(contact_id="contact-1"),
        receive(contact_id="contact-1"),
    ):
        refused([message()], command, "no_return")


def test_a_contact_that_is_not_known_is_refused() -> None:
    for command in (reply(), ship(), receive()):
        refused([], command, "unknown_contact")


def test_the_share_of_each_side_holds_for_returns_too() -> None:
    long = request(text="x" * 600_000)
    refused([long], request(at=SENT, text="x" * 600_000), "too_many_messages", "M1")


# ------------------------------------------------------------------------------------------------- answered


@pytest.mark.parametrize("what", ["authorised", "refund_without_return", "declined"])
def test_every_answer_is_one_in_person_and_stops_the_response_clock(what: Answer) -> None:
    agreed = reply(what)
    decided = return_asked().when(agreed, now=LATER)
    decided.then(
        ReturnAnswered(said(agreed, Units("lamp", 1)), "return-1"),
        ContactResponded("return-1", None, ANSWERED, DUE),
        TimerCanceled("response_due", "return-1", DUE),
    )


def test_a_message_of_the_seller_in_the_contact_answers_it_too() -> None:
    wrote = return_asked().when(answer(at=ANSWERED, contact_id="return-1", issue="product"), now=LATER)
    assert wrote.the(ContactResponded).message_id == "answer-1"


def test_an_answer_after_the_deadline_is_said_after_the_notice() -> None:
    late = return_asked().when(reply(at=DUE + INSTANT), now=LATER)
    late.then_kinds(ResponseOverdue, ReturnAnswered, ContactResponded, TimerCanceled)


def test_an_answer_dated_in_time_and_read_after_a_later_one_counts_instead_of_it() -> None:
    late = return_asked(reply("refund_without_return", at=DUE + HOUR))
    in_time = late.when(reply("declined", at=DUE), now=LATER)
    in_time.then_kinds(ReturnAnswered, ContactResponded)
    assert in_time.the(ContactResponded).responded_at == DUE


@pytest.mark.parametrize(
    ("first", "then", "is_taken"),
    [
        ("declined", "authorised", True),
        ("declined", "refund_without_return", True),
        ("authorised", "refund_without_return", True),
        ("declined", "declined", False),
        ("authorised", "declined", False),
        ("authorised", "authorised", False),
        ("refund_without_return", "authorised", False),
        ("refund_without_return", "refund_without_return", False),
    ],
)
def test_an_answer_can_be_bettered_but_not_taken_back(first: Answer, then: Answer, is_taken: bool) -> None:  # noqa: FBT001
    second = reply(then, at=ANSWERED + HOUR)
    decided = return_asked(reply(first)).when(second, now=LATER)
    assert len(decided.every(ReturnAnswered)) == is_taken
    if not is_taken:
        decided.then(CommandRefused(second.command_id, "M4", "already_answered")).then_no_change()


def test_what_is_requested_after_an_answer_can_be_answered_on_its_own() -> None:
    more = request(at=ANSWERED + HOUR, lines=(Units("cups", 2),))
    again = reply(at=ANSWERED + DAY)
    decided = after(BOTH, released(), request(), reply(), more).when(again, now=LATER)
    assert decided.the(ReturnAnswered).answer.lines == (Units("lamp", 1), Units("cups", 2))
    no = decided.when(reply("declined", at=ANSWERED + DAY), now=LATER)
    assert no.the(CommandRefused).reason == "already_answered"


def test_what_has_a_better_answer_is_left_out_of_a_later_one() -> None:
    more = request(at=ANSWERED + HOUR, lines=(Units("cups", 2),))
    no = reply("declined", at=ANSWERED + DAY)
    decided = after(BOTH, released(), request(), reply(), more).when(no, now=LATER)
    assert decided.the(ReturnAnswered).answer.lines == (Units("cups", 2),)


@pytest.mark.parametrize(
    ("country", "prepaid_label", "is_taken"),
    [("US", False, True), ("CN", True, True), (None, True, True), ("CN", False, False), (None, False, False)],
)
def test_an_authorised_return_has_a_domestic_address_or_a_prepaid_label(
    country: str | None,
    prepaid_label: bool,  # noqa: FBT001
    is_taken: bool,  # noqa: FBT001
) -> None:
    agreed = reply(country=country, prepaid_label=prepaid_label)
    decided = return_asked().when(agreed, now=LATER)
    assert len(decided.every(ReturnAnswered)) == is_taken
    if not is_taken:
        decided.then(CommandRefused(agreed.command_id, "M4", "no_way_to_return")).then_no_change()


def test_the_address_is_domestic_where_the_order_went() -> None:
    abroad = after(received(ship_to_country="JP"), released(), request())
    abroad.when(reply(country="JP"), now=LATER).the(ReturnAnswered)
    abroad.when(reply(country="US"), now=LATER).the(CommandRefused)


def test_the_seller_declines_with_a_reason() -> None:
    no = reply("declined", text=" ")
    return_asked().when(no, now=LATER).then(CommandRefused(no.command_id, "M4", "incomplete_form", ("text",)))


def test_nothing_is_answered_once_the_buyer_has_settled_it() -> None:
    settled: list[Input] = [request(), resolve(at=ANSWERED, contact_id="return-1")]
    refused(settled, reply(at=ANSWERED + INSTANT), "already_resolved")
    after(received(), released(), *settled).when(reply(at=ANSWERED), now=LATER).the(ReturnAnswered)


def test_an_answer_dated_before_its_request_is_none() -> None:
    refused([request()], reply(at=ASKED - INSTANT), "unknown_contact")


# ---------------------------------------------------------------------------------------- sent, and received


def test_the_buyer_sends_back_what_was_authorised() -> None:
    sends = ship(number="1Z 1")
    parcel = Parcel(sends.command_id, BUYER, SENT, (Units("lamp", 1),), "UPS", "1Z 1", is_valid=True)
    return_asked(reply()).when(sends, now=LATER).then(ReturnShipped("return-1", parcel))


@pytest.mark.parametrize(("carrier", "number"), [("UPS", "999"), ("Pigeon", "1Z1"), ("ups", "--")])
def test_a_number_without_its_carriers_form_is_noted_as_not_valid(carrier: str, number: str) -> None:
    sent = return_asked(reply()).when(ship(carrier=carrier, number=number), now=LATER)
    assert not sent.the(ReturnShipped).parcel.is_valid


def test_nothing_is_sent_back_that_was_not_authorised_by_then() -> None:
    refused([request()], ship(), "not_authorised")
    refused([request(), reply("declined")], ship(), "not_authorised")
    refused([request(), reply("refund_without_return")], ship(), "not_authorised")
    refused([request(), reply(at=SENT + INSTANT)], ship(at=SENT), "not_authorised")


def test_what_happens_in_one_instant_is_in_order() -> None:
    at_once = after(received(), released(), request(), reply(at=ASKED), ship(at=ASKED))
    at_once.when(receive(at=ASKED), now=LATER).the(ReturnReceived)
    at_once.when(delivered(ASKED), now=LATER).the(ReturnReceived)
    refused([canceled(ASKED)], request(at=ASKED), "order_canceled")
    canceled_then = after(received(), released(), canceled(ASKED))
    canceled_then.when(request(at=ASKED - INSTANT), now=LATER).the(ReturnRequested)
    after(received(), released()).when(request(at=RELEASED), now=LATER).the(ReturnRequested)


def test_what_a_claim_wants_back_may_be_sent_without_another_answer() -> None:
    disputed = after(BOTH, released(), request(lines=ALL), claimed("lamp"), wanted_back(ANSWERED))
    sent = disputed.when(ship(), now=LATER).the(ReturnShipped)
    assert sent.parcel.lines == (Units("lamp", 1),)
    disputed.when(ship(at=ANSWERED - INSTANT), now=LATER).the(CommandRefused)


def test_it_is_sent_back_once_and_what_is_authorised_later_in_another_parcel() -> None:
    refused([request(), reply(), ship()], ship(at=SENT + HOUR), "already_shipped_back")
    more = request(at=SENT, lines=(Units("cups", 1),))
    first = after(BOTH, released(), request(), reply(), ship(), more, reply(at=SENT + HOUR))
    second = first.when(ship(at=SENT + 2 * HOUR, number="1Z2"), now=LATER)
    assert second.the(ReturnShipped).parcel.lines == (Units("cups", 1),)


def test_it_may_be_sent_and_received_after_the_buyer_settled_it() -> None:
    settled = return_asked(reply(), resolve(at=ANSWERED + HOUR, contact_id="return-1"))
    settled.when(ship(), now=LATER).when(receive(), now=LATER).the(ReturnReceived)


def test_the_seller_says_that_it_is_back() -> None:
    has_it = receive()
    return_asked(reply(), ship()).when(has_it, now=LATER).then(
        ReturnReceived("return-1", (Units("lamp", 1),), "UPS", "1Z1", BACK, "seller", has_it.command_id)
    )


def test_each_receipt_says_all_that_is_back_by_now() -> None:
    more = request(at=SENT, lines=(Units("cups", 1),))
    first = after(BOTH, released(), request(), reply(), ship(), more, reply(at=SENT + HOUR))
    both = first.when(ship(at=SENT + 2 * HOUR, number="1Z2"), now=LATER)
    second = both.when(delivered(BACK, number="1Z2"), now=LATER)
    assert second.the(ReturnReceived).lines == (Units("cups", 1),)
    last = second.when(receive(at=BACK + HOUR), now=LATER).the(ReturnReceived)
    assert (last.lines, last.tracking_number) == ((Units("cups", 1), Units("lamp", 1)), "1Z1")


def test_what_was_not_sent_or_is_back_already_is_not_received() -> None:
    refused([request(), reply()], receive(), "not_shipped_back")
    refused([request(), reply(), ship()], receive(at=SENT - INSTANT), "not_shipped_back")
    refused([request(), reply(), ship(), receive()], receive(at=BACK + HOUR), "already_received")
    refused([request(), reply(), ship(), delivered(BACK)], receive(at=BACK + HOUR), "already_received")


def test_a_carriers_scan_says_that_it_is_back() -> None:
    sent = return_asked(reply(), ship(number="1z-1"))
    sent.when(delivered(BACK, carrier="ups", number="1Z 1"), now=LATER).then(
        ReturnReceived("return-1", (Units("lamp", 1),), "UPS", "1z-1", BACK, "carrier")
    )


def test_a_scan_of_another_number_or_of_one_that_is_not_valid_says_nothing() -> None:
    return_asked(reply(), ship()).when(delivered(BACK, number="1Z2"), now=LATER).then_nothing()
    return_asked(reply(), ship(number="999")).when(delivered(BACK, number="999"), now=LATER).then_nothing()


def test_a_scan_from_before_the_authorisation_is_of_another_parcel() -> None:
    sent = return_asked(reply(), ship())
    sent.when(delivered(ANSWERED - INSTANT), now=LATER).then_nothing()
    found = sent.when(delivered(ANSWERED - DAY, ANSWERED, BACK), now=LATER)
    assert found.the(ReturnReceived).received_at == ANSWERED


def test_a_scan_again_or_after_the_sellers_word_changes_nothing() -> None:
    return_asked(reply(), ship(), delivered(BACK)).when(delivered(BACK), now=LATER).then_nothing()
    return_asked(reply(), ship(), receive()).when(delivered(BACK), now=LATER).then_nothing()


# --------------------------------------------------------------------------------------------- who may, when


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (request(SELLER), "not_the_buyer"),
        (reply(actor=BUYER), "not_the_seller"),
        (reply(actor=SUPPORT), "not_the_seller"),
        (ship(actor=SELLER), "not_the_buyer"),
        (receive(actor=BUYER), "not_the_seller"),
        (receive(actor=SUPPORT), "not_the_seller"),
    ],
)
def test_each_side_says_its_own(command: Command, reason: Reason) -> None:
    refused([request(at=ASKED - HOUR), reply(at=ASKED)], command, reason)


@pytest.mark.parametrize("make", [request, reply, ship, receive])
def test_no_stranger_has_a_part_in_a_return(make: Callable[..., Command]) -> None:
    command = make(actor=Actor("buyer", "buyer-9"))
    refused([request(at=ASKED - HOUR)], command, "not_a_party", "M1")


@pytest.mark.parametrize("command", [request(), reply(), ship(), receive()])
def test_nothing_is_dated_ahead_of_the_clock(command: Command) -> None:
    decided = return_asked().when(command, now=command.at - timedelta(seconds=61))
    decided.then(CommandRefused(command.command_id, "T5", "in_the_future"))
    just = return_asked().when(command, now=command.at - timedelta(seconds=60))
    assert [no.reason for no in just.every(CommandRefused) if no.reason == "in_the_future"] == []


@pytest.mark.parametrize("command", [request(), reply(), ship(), receive()])
def test_a_return_of_an_order_not_heard_of_is_refused(command: Command) -> None:
    SPEC.given().when(command, now=LATER).then(CommandRefused(command.command_id, "E1", "unknown_order"))


@pytest.mark.parametrize("fact", [claimed("lamp"), wanted_back(ASKED), delivered(ASKED)])
def test_what_is_heard_before_the_order_is_passed_over(fact: Input) -> None:
    SPEC.given().when(fact, now=LATER).then_nothing()


def test_a_claim_that_is_heard_twice_or_not_at_all_changes_nothing() -> None:
    order().when(wanted_back(ASKED), now=LATER).then_nothing()
    known = after(received(), released(), claimed("lamp"), wanted_back(ASKED))
    known.when(claimed("lamp"), now=LATER).then_nothing()
    known.when(wanted_back(BACK), now=LATER).then_nothing()


# ------------------------------------------------------------------------------------------------- refunded


def resolved_at(decided: list[ContactResolved]) -> list[tuple[str, str]]:
    return [(each.contact_id, each.cause) for each in decided]


def test_a_refund_of_its_lines_in_full_resolves_a_return_and_nothing_else() -> None:
    both = after(BOTH, released(), message(), request(), reply())
    paid = both.when(money_returned(2499, at=BACK), now=LATER)
    assert resolved_at(paid.every(ContactResolved)) == [("return-1", "refunded")]
    assert paid.the(ContactResolved).resolved_at == BACK


def test_a_partial_refund_resolves_a_return_when_the_rest_follows() -> None:
    part = return_asked(reply()).when(money_returned(2498, at=BACK), now=LATER)
    part.then_kinds(MoneyReturnNoted)
    rest = part.when(money_returned(1, at=BACK + HOUR, money_id="refund-2"), now=LATER)
    assert rest.the(ContactResolved).resolved_at == BACK + HOUR


def test_a_refund_of_other_lines_resolves_no_return() -> None:
    both = after(BOTH, released(), request())
    both.when(money_returned(1600, at=BACK, lines=(Units("cups", 3),)), now=LATER).then_kinds(
        MoneyReturnNoted
    )


def test_the_whole_order_refunded_resolves_every_contact() -> None:
    both = after(BOTH, released(), message(), request())
    everything = both.when(money_returned(2499 + 1600, at=BACK, lines=ALL), now=LATER)
    assert {each.contact_id for each in everything.every(ContactResolved)} == {"contact-1", "return-1"}


def test_a_part_of_a_line_costs_its_share_rounded_down() -> None:
    two = after(received(CUPS), released(), request(lines=(Units("cups", 2),)))
    cost = 2 * 500 + 100 * 2 // 3
    short = money_returned(cost - 1, at=BACK, lines=(Units("cups", 2),))
    two.when(short, now=LATER).then_kinds(MoneyReturnNoted)
    full = money_returned(cost, at=BACK, lines=(Units("cups", 2),))
    two.when(full, now=LATER).the(ContactResolved)


def test_a_refund_of_several_lines_is_divided_by_what_they_cost() -> None:
    both = after(BOTH, released(), request())
    half = both.when(money_returned((2499 + 1600) // 2, at=BACK, lines=ALL), now=LATER)
    half.then_kinds(MoneyReturnNoted)
    rest = half.when(money_returned(2499 - 1249, at=BACK, money_id="refund-2"), now=LATER)
    rest.the(ContactResolved)


def test_money_from_before_the_request_only_lessens_what_is_left() -> None:
    less = after(received(), released(), money_returned(1000, at=ASKED - DAY), request())
    less.when(money_returned(1499, at=BACK, money_id="refund-2"), now=LATER).the(ContactResolved)

    both = after(BOTH, released(), money_returned(1000, at=ASKED - DAY), request())
    rest = both.when(money_returned(1499, at=BACK, money_id="refund-2"), now=LATER)
    assert rest.the(ContactResolved).contact_id == "return-1"


def test_money_from_before_a_contact_does_not_resolve_it_and_money_of_its_instant_does() -> None:
    for opening in (message(), request()):
        before = after(received(), released(), money_returned(2499, at=ASKED - INSTANT))
        assert before.when(opening, now=LATER).every(ContactResolved) == []
    both = after(BOTH, released(), request())
    both.when(money_returned(2499, at=ASKED), now=LATER).the(ContactResolved)


def test_a_refund_that_is_read_before_the_answer_that_it_is_paid_for_resolves_it_with_that() -> None:
    paid = return_asked(money_returned(1, at=BACK, contact_id="return-1"))
    answered = paid.when(reply("refund_without_return", at=ANSWERED), now=LATER)
    assert answered.the(ContactResolved).resolved_at == BACK


def test_a_refund_without_return_resolves_it_whatever_it_came_to() -> None:
    free = return_asked(reply("refund_without_return"))
    other = free.when(money_returned(2490, at=BACK), now=LATER)
    other.then_kinds(MoneyReturnNoted)
    paid = free.when(money_returned(2490, at=BACK, contact_id="return-1"), now=LATER)
    assert resolved_at(paid.every(ContactResolved)) == [("return-1", "refunded")]


def test_a_refund_that_is_read_before_the_request_and_dated_after_it_counts() -> None:
    refund = money_returned(2499, at=ASKED + HOUR)
    for opening in (message(), request()):
        early = after(received(), released(), refund).when(opening, now=LATER)
        assert early.the(ContactResolved).resolved_at == ASKED + HOUR
        assert early.every(TimerSet) == []
