"""Whether a claim may be filed (C1, C2, C4), and what a refusal says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.claims.domain.events import ClaimFiled, ClaimRefused
from services.claims.domain.filing import CLAIMS_MAX
from services.claims.domain.inputs import Actor, FileClaim, Reason
from services.claims.domain.money import Money, Units
from services.claims.domain.refusal import Refusal
from services.claims.domain.requirements import CHECKS
from tests.unit.claims.builders import (
    BUYER,
    DAY,
    EDD,
    ELIGIBLE,
    FILED,
    HOUR,
    INSTANT,
    INVESTIGATOR,
    PAID,
    SELLER,
    SUPPORT,
    UNTIL,
    WROTE,
    Story,
    after,
    answered,
    ask,
    canceled,
    contacted,
    delivered,
    file_claim,
    line,
    missing_parcel,
    not_found,
    promised,
    received,
    released,
    resolved,
    rule,
    shipped,
    wrote,
)


def refusal(story: Story, command: FileClaim, now: datetime | None = None) -> Refusal:
    """Give the refusal that this filing gets, and see that it changes nothing."""
    decided = story.when(command, now=now or command.at).then_kinds(ClaimRefused).then_no_change()
    return decided.the(ClaimRefused).refusal


def is_accepted(story: Story, command: FileClaim, now: datetime | None = None) -> bool:
    return bool(story.when(command, now=now or command.at).every(ClaimFiled))


# ------------------------------------------------------------------------------------------- who and what


def test_the_buyer_files_and_support_does_so_by_phone() -> None:
    assert is_accepted(contacted(), file_claim(actor=BUYER))
    assert is_accepted(contacted(), file_claim(actor=SUPPORT))


def test_somebody_else_cannot_file() -> None:
    assert refusal(contacted(), file_claim(actor=Actor("buyer", "buyer-2"))).reason == "not_a_party"
    assert refusal(contacted(), file_claim(actor=SELLER)).reason == "not_the_buyer"
    assert refusal(contacted(), file_claim(actor=INVESTIGATOR)).reason == "not_the_buyer"


def test_a_filing_dated_more_than_a_minute_ahead_is_refused() -> None:
    ahead = timedelta(minutes=1)
    assert is_accepted(contacted(), file_claim(at=FILED + ahead), now=FILED)
    late = refusal(contacted(), file_claim(at=FILED + ahead + INSTANT), now=FILED)
    assert (late.rule, late.reason) == ("T5", "in_the_future")


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (replace(file_claim(), lines=()), ("lines",)),
        (file_claim(description=" \n"), ("description",)),
        (file_claim(issue="not_as_expected"), ("reason",)),
        (file_claim(reason="damaged"), ("reason",)),
        (file_claim(issue="not_as_expected", reason="extra_charges"), ("extra_charges",)),
        (replace(file_claim(description=""), lines=()), ("lines", "description")),
    ],
)
def test_an_incomplete_form_is_refused_and_says_what_is_missing(
    command: FileClaim, missing: tuple[str, ...]
) -> None:
    said = refusal(contacted(), command)
    assert (said.rule, said.reason, said.missing) == ("C1", "incomplete_form", missing)


def test_a_line_that_the_order_does_not_have_is_refused() -> None:
    assert refusal(contacted(), file_claim(Units("item-9", 1))).reason == "unknown_line"


# -------------------------------------------------------------------------------------------------- money


@pytest.mark.parametrize("amount", [0, -1, -(10**15)])
def test_a_claim_for_nothing_or_less_is_refused(amount: int) -> None:
    assert refusal(contacted(), file_claim(amount=amount)).reason == "invalid_amount"


def test_a_replacement_may_be_wanted_without_an_amount() -> None:
    assert is_accepted(contacted(), file_claim(wanted="replacement", amount=0))


def test_negative_extra_charges_are_refused() -> None:
    assert refusal(contacted(), file_claim(extra=Money(-1, "USD"))).reason == "invalid_amount"


def test_another_currency_than_the_orders_is_refused() -> None:
    assert refusal(contacted(), file_claim(currency="EUR")).reason == "wrong_currency"
    assert refusal(contacted(), file_claim(extra=Money(1, "EUR"))).reason == "wrong_currency"


def test_more_than_was_paid_is_refused_with_the_most_that_can_be_claimed() -> None:
    assert is_accepted(contacted(), file_claim(amount=PAID))
    said = refusal(contacted(), file_claim(amount=PAID + 1))
    assert (said.rule, said.reason, said.max_amount) == ("C1", "amount_exceeds_paid", Money(PAID, "USD"))


def test_documented_extra_charges_may_be_claimed_on_top() -> None:
    extra = Money(500, "USD")
    assert is_accepted(contacted(), file_claim(amount=PAID + 500, extra=extra, evidence=("bill-1",)))
    said = refusal(contacted(), file_claim(amount=PAID + 500, extra=extra))
    assert said.max_amount == Money(PAID, "USD")


def test_what_was_canceled_and_not_charged_cannot_be_claimed() -> None:
    order = received(line(quantity=2, paid_minor=1000))
    story = after(order, released(), canceled(not_charged=500), shipped(), wrote())
    assert is_accepted(story, file_claim(amount=500))
    assert refusal(story, file_claim(amount=501)).max_amount == Money(500, "USD")
    assert refusal(story, file_claim(Units("item-1", 2), amount=1)).reason == "order_not_claimable"


@pytest.mark.parametrize(("currency", "paid"), [("JPY", 2698), ("KWD", 26_980)])
def test_currencies_without_decimals_or_with_three_are_whole_smallest_units_too(
    currency: str, paid: int
) -> None:
    story = after(received(line(paid_minor=paid), currency=currency), released(), shipped(), wrote())
    assert is_accepted(story, file_claim(amount=paid, currency=currency))
    said = refusal(story, file_claim(amount=paid + 1, currency=currency))
    assert said.max_amount == Money(paid, currency)


# ---------------------------------------------------------------------------------- what can be claimed


def test_an_order_that_is_not_released_cannot_be_claimed() -> None:
    said = refusal(after(received(), wrote()), file_claim())
    assert (said.rule, said.reason) == ("C4", "order_not_claimable")


def test_a_canceled_order_cannot_be_claimed() -> None:
    story = after(received(), released(), wrote(), canceled(not_charged=PAID))
    assert refusal(story, file_claim()).reason == "order_not_claimable"


def test_more_units_than_were_bought_cannot_be_claimed() -> None:
    assert refusal(contacted(), file_claim(Units("item-1", 2))).reason == "order_not_claimable"


def test_the_same_line_twice_in_one_form_counts_together() -> None:
    command = file_claim(Units("item-1", 1), Units("item-1", 1))
    assert refusal(contacted(), command).reason == "order_not_claimable"


def test_an_item_with_an_open_claim_cannot_be_claimed_again() -> None:
    order = received(line(quantity=3))
    story = after(order, released(), shipped(Units("item-1", 3)), delivered(), wrote(), answered())
    story = story.when(not_found(amount=1), now=FILED)
    assert refusal(story, not_found(claim_id="claim-2", amount=1)).reason == "already_claimed"


def test_what_a_decided_claim_paid_cannot_be_claimed_again_but_the_rest_can() -> None:
    order = received(line(quantity=3, paid_minor=900))
    story = after(order, released(), wrote())
    story = story.when(file_claim(Units("item-1", 2), amount=600), now=FILED)
    for quantity in (1, 2, 3):
        said = refusal(story, file_claim(Units("item-1", quantity), claim_id="claim-2", amount=301))
        assert (said.reason, said.max_amount) == ("amount_exceeds_paid", Money(300, "USD"))
    assert is_accepted(story, file_claim(claim_id="claim-2", amount=300))


def test_of_what_was_granted_in_part_the_rest_can_be_claimed() -> None:
    story = missing_parcel(not_found(), rule("granted", 700))
    at = FILED + 2 * DAY
    said = refusal(story, not_found(at=at, claim_id="claim-2"))
    assert said.max_amount == Money(PAID - 700, "USD")
    assert is_accepted(story, not_found(at=at, claim_id="claim-2", amount=PAID - 700))


def test_where_nothing_is_left_no_replacement_can_be_claimed_either() -> None:
    story = contacted(file_claim())
    command = file_claim(at=FILED + DAY, claim_id="claim-2", wanted="replacement", amount=0)
    assert refusal(story, command).reason == "amount_exceeds_paid"


def test_after_a_denial_the_buyer_may_file_again() -> None:
    story = missing_parcel(not_found(), rule("denied"))
    assert is_accepted(story, not_found(at=FILED + 2 * DAY, claim_id="claim-2"))


def test_another_item_of_the_order_can_be_claimed_meanwhile() -> None:
    order = received(line("item-1"), line("item-2"))
    story = after(order, released(), wrote(), file_claim())
    assert is_accepted(story, file_claim(Units("item-2", 1), claim_id="claim-2"))


def test_an_order_has_a_limit_of_claims() -> None:
    order = received(line(quantity=CLAIMS_MAX + 1, paid_minor=10 * CLAIMS_MAX))
    story: Story = after(order, released(), wrote())
    for number in range(CLAIMS_MAX):
        story = story.when(file_claim(claim_id=f"claim-{number}", amount=1), now=FILED)
    assert refusal(story, file_claim(claim_id="one-more", amount=1)).reason == "too_large"


def test_a_claim_id_names_one_claim() -> None:
    story = missing_parcel(not_found())
    assert refusal(story, not_found(claim_id="claim-1")).reason == "claim_id_reused"


def test_the_same_filing_again_changes_nothing_and_says_nothing() -> None:
    command = not_found()
    missing_parcel(command).when(command, now=FILED + HOUR).then_nothing()


# ----------------------------------------------------------------------------------------------- delivery


def test_what_was_delivered_was_received_also_when_it_came_late() -> None:
    story = contacted(delivered(at=FILED - INSTANT))
    said = refusal(story, file_claim())
    assert (said.rule, said.reason) == ("C2", "delivered")


def test_a_buyer_who_did_not_find_what_was_delivered_may_say_so() -> None:
    assert is_accepted(contacted(delivered()), not_found())


def test_a_line_can_be_claimed_as_far_as_it_did_not_come() -> None:
    story = after(
        received(line(quantity=2, paid_minor=1000)),
        released(),
        shipped(Units("item-1", 1)),
        shipped(Units("item-1", 1), shipment_id="shipment-2"),
        delivered(),
        wrote(),
    )
    assert is_accepted(story, file_claim(amount=500))
    assert refusal(story, file_claim(Units("item-1", 2), amount=1000)).reason == "delivered"


# ----------------------------------------------------------------------------------------------- contacts


def test_the_buyer_must_have_written_first() -> None:
    said = refusal(after(received(), released(), shipped()), file_claim())
    assert (said.rule, said.reason) == ("C2", "not_contacted")


def test_only_a_message_about_delivery_counts() -> None:
    story = after(received(), released(), shipped(), wrote(about="product"))
    assert refusal(story, file_claim()).reason == "not_contacted"


def test_not_as_expected_needs_a_return_request() -> None:
    said = refusal(contacted(), file_claim(issue="not_as_expected", reason="damaged"))
    assert (said.rule, said.reason) == ("C3", "not_contacted")


@pytest.mark.parametrize(
    ("resolved_after", "reason"),
    [(-INSTANT, "not_contacted"), (timedelta(0), "not_contacted"), (INSTANT, None)],
)
def test_a_contact_bars_a_claim_only_if_it_was_resolved_within_48_hours(
    resolved_after: timedelta, reason: str | None
) -> None:
    story = contacted(answered(), resolved(at=WROTE + 2 * DAY + resolved_after))
    if reason is None:
        assert is_accepted(story, file_claim())
    else:
        assert refusal(story, file_claim()).reason == reason


def test_one_unresolved_contact_of_several_is_enough() -> None:
    story = contacted(resolved(at=WROTE + HOUR), wrote(at=WROTE + DAY, contact_id="contact-2"))
    assert is_accepted(story, file_claim())


# --------------------------------------------------------------------------------------------------- time


def test_three_calendar_days_pass_after_the_edd_in_the_marketplaces_time_zone() -> None:
    said = refusal(contacted(), file_claim(at=ELIGIBLE - INSTANT))
    assert (said.rule, said.reason, said.eligible_from) == ("C2", "too_early", ELIGIBLE)
    assert is_accepted(contacted(), file_claim(at=ELIGIBLE))
    assert is_accepted(contacted(), file_claim(at=ELIGIBLE + INSTANT))


def test_48_hours_pass_after_the_first_message_when_that_is_later() -> None:
    wrote_at = ELIGIBLE + DAY
    story = after(received(), released(), shipped(), wrote(at=wrote_at))
    assert refusal(story, file_claim(at=wrote_at + 2 * DAY - INSTANT)).eligible_from == wrote_at + 2 * DAY
    assert is_accepted(story, file_claim(at=wrote_at + 2 * DAY))


def test_a_sooner_promise_of_valid_tracking_counts_instead_of_the_edd() -> None:
    sooner = contacted(promised(date(2021, 3, 8)))
    assert refusal(sooner, file_claim(at=ELIGIBLE - 2 * DAY - INSTANT)).eligible_from == ELIGIBLE - 2 * DAY
    assert is_accepted(sooner, file_claim(at=ELIGIBLE - 2 * DAY))


def test_a_later_promise_does_not_move_the_edd() -> None:
    assert is_accepted(contacted(promised(date(2021, 3, 20))), file_claim(at=ELIGIBLE))


def test_a_promise_counts_only_by_valid_tracking() -> None:
    story = after(received(), released(), shipped(tracking_valid=False), promised(date(2021, 3, 5)), wrote())
    assert refusal(story, file_claim(at=ELIGIBLE - INSTANT)).eligible_from == ELIGIBLE


def test_the_promise_of_a_parcel_that_came_says_nothing_about_the_one_that_did_not() -> None:
    story = after(
        received(line(quantity=2, paid_minor=1000)),
        released(),
        shipped(Units("item-1", 1)),
        promised(date(2021, 3, 5)),
        delivered(),
        wrote(),
    )
    assert refusal(story, file_claim(at=ELIGIBLE - INSTANT, amount=500)).eligible_from == ELIGIBLE


def test_the_dates_count_as_a_late_release_moved_them() -> None:
    story = after(received(), released(edd=date(2021, 3, 12)), shipped(), wrote())
    moved = datetime(2021, 3, 16, 7, 0, tzinfo=UTC)
    assert refusal(story, file_claim(at=moved - INSTANT)).eligible_from == moved


def test_a_claim_may_be_filed_until_midnight_of_the_ninetieth_day() -> None:
    assert is_accepted(contacted(), file_claim(at=UNTIL - INSTANT))
    for offset in (timedelta(0), INSTANT):
        said = refusal(contacted(), file_claim(at=UNTIL + offset))
        assert (said.rule, said.reason, said.until) == ("C4", "too_late", UNTIL)


def test_a_filing_counts_by_its_own_date_not_by_when_it_is_read() -> None:
    assert is_accepted(contacted(), file_claim(at=UNTIL - INSTANT), now=UNTIL + DAY)
    assert refusal(contacted(), file_claim(at=ELIGIBLE - INSTANT), now=ELIGIBLE + DAY).reason == "too_early"


@pytest.mark.parametrize(
    ("zone", "edd", "eligible"),
    [
        pytest.param("us", date(2021, 3, 10), datetime(2021, 3, 14, 8, tzinfo=UTC), id="before summer time"),
        pytest.param("us", date(2021, 3, 11), datetime(2021, 3, 15, 7, tzinfo=UTC), id="after it began"),
        pytest.param("us", date(2021, 11, 3), datetime(2021, 11, 7, 7, tzinfo=UTC), id="before it ends"),
        pytest.param("us", date(2021, 11, 4), datetime(2021, 11, 8, 8, tzinfo=UTC), id="after it ended"),
        pytest.param("us", date(2021, 12, 29), datetime(2022, 1, 2, 8, tzinfo=UTC), id="over the year's end"),
        pytest.param("us", date(2024, 2, 26), datetime(2024, 3, 1, 8, tzinfo=UTC), id="over a leap day"),
        pytest.param("us", date(2023, 2, 26), datetime(2023, 3, 2, 8, tzinfo=UTC), id="no leap day"),
        pytest.param("cn", date(2024, 2, 25), datetime(2024, 2, 28, 16, tzinfo=UTC), id="a leap day there"),
        pytest.param("cn", date(2021, 3, 10), datetime(2021, 3, 13, 16, tzinfo=UTC), id="Shanghai"),
        pytest.param("jp", date(2021, 3, 10), datetime(2021, 3, 13, 15, tzinfo=UTC), id="Tokyo"),
        pytest.param(
            "br", date(2018, 10, 31), datetime(2018, 11, 4, 3, tzinfo=UTC), id="a midnight that is none"
        ),
        pytest.param(
            "br", date(2018, 2, 13), datetime(2018, 2, 17, 2, tzinfo=UTC), id="the day before 25 hours"
        ),
        pytest.param(
            "br", date(2018, 2, 14), datetime(2018, 2, 18, 3, tzinfo=UTC), id="the day after 25 hours"
        ),
    ],
)
def test_a_day_ends_at_midnight_there_whatever_the_clocks_do(
    zone: str, edd: date, eligible: datetime
) -> None:
    wrote_at = datetime(edd.year, edd.month, edd.day, tzinfo=UTC) - 5 * DAY
    story = after(
        received(marketplace_id=zone, edd=edd, ship_date=edd),
        released(edd=edd, ship_date=edd, at=wrote_at - DAY),
        wrote(at=wrote_at),
    )
    assert refusal(story, file_claim(at=eligible - INSTANT)).eligible_from == eligible
    assert is_accepted(story, file_claim(at=eligible))


# ----------------------------------------------------------------------------------------- their order


def test_of_several_reasons_the_first_in_the_order_of_c4_is_given() -> None:
    """Everything is wrong at first, and then put right, one thing after the other."""
    late = UNTIL + DAY
    bad = replace(
        file_claim(
            Units("item-9", 1), at=late + HOUR, actor=SELLER, description="", amount=-1, currency="EUR"
        )
    )
    story: Story = after(received(), wrote(at=late))
    seen = [refusal(story, bad, now=late).reason]
    for fix in (
        {"at": late},
        {"actor": Actor("buyer", "buyer-2")},
        {"actor": BUYER},
        {"amount": Money(-1, "USD")},
        {"amount": Money(PAID * 2, "USD")},
        {"description": "A blue kettle."},
        {"lines": (Units("item-1", 1),)},
    ):
        bad = replace(bad, **fix)
        seen.append(refusal(story, bad, now=late).reason)
    for worse in (
        after(received(), released(), shipped(), delivered(), wrote(at=late)),
        after(received(), released(), shipped(), delivered()),
        after(received(), released(), shipped()),
        after(received(), released(), shipped(), wrote(at=late)),
        contacted(),
    ):
        command = replace(bad, amount=Money(PAID, "USD")) if len(seen) > 8 else bad
        seen.append(refusal(worse, command, now=late).reason)
    elsewhere = {"already_claimed", "claim_id_reused", "chargeback_open", "return_policy_not_followed"}
    expected = [reason for reason in CHECKS if reason not in elsewhere]
    assert seen == expected


def test_an_open_claim_comes_before_too_much_money() -> None:
    story = missing_parcel(not_found())
    command = not_found(claim_id="claim-2", amount=PAID * 2)
    assert refusal(story, command).reason == "already_claimed"


def test_a_refused_filing_is_cured_by_filing_again() -> None:
    story = contacted()
    early = file_claim(at=ELIGIBLE - INSTANT)
    again = story.when(early, now=early.at)
    assert is_accepted(again, file_claim(at=ELIGIBLE))


@pytest.mark.parametrize("reason", ["damaged", "defective", "refunded_wrong_amount"])
def test_a_product_issue_is_not_claimed_through_messages(reason: Reason) -> None:
    command = file_claim(issue="not_as_expected", reason=reason)
    assert refusal(contacted(), command).reason == "not_contacted"


def test_nothing_can_be_asked_of_an_order_that_was_not_heard_of() -> None:
    for command in (file_claim(), ask(), rule("granted")):
        after().when(command, now=FILED).then_nothing()


def test_the_edd_that_the_examples_use_is_the_rulebooks() -> None:
    assert date(2021, 3, 10) == EDD
