"""The closed lists of words that cross Kafka, each with its sentence. To say a new word, add it here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from shared.contracts.data import OneOf

TIMER_KINDS: Mapping[str, str] = {
    "hold_end": "orders: the hold is over, the order may be released (O2, O7).",
    "verification_due": "orders: an order not verified by now is canceled (O3).",
    "ship_by_warning": "orders: the seller is warned that the cutoff is near (O12).",
    "ship_confirmation_due": "orders: what is not confirmed by the cutoff is canceled, once settled (O11).",
    "response_due": "messaging: the seller's time to answer a contact is over (M2, M3).",
    "resolution_due": "messaging: a contact not resolved by now is overdue (M2, M3).",
    "filing_opens": "claims: from now on the buyer may file (C2).",
    "information_due": "claims: the time to give the information asked for is over (C9, C6.5).",
    "judge_again": "claims: a ground may hold from now on (C6).",
    "appeal_end": "claims: nobody appealed, the claim closes (C13).",
    "answer_due": "claims: the seller's time to answer a claim is over, where the policy sets one (C6.5).",
    "return_due": "claims: the buyer did not send the item back, the claim closes (C8).",
    "return_refund_due": "claims: the item is back and not refunded, the claim is granted (C8, C6.5).",
    "contact_due": "performance: a contact not answered by now counts as not answered in time (H2).",
    "day_ends": "performance: a day leaves the windows of a seller's rates (H1, H2).",
    "reminder_due": "notifications: a deadline of the seller is near and still open (N1).",
}
TimerKind = Annotated[str, OneOf(TIMER_KINDS)]

ACTIONS: Mapping[str, str] = {
    "confirm_shipment": "The seller says that it is on its way (O10).",
    "cancel_order": "The seller cancels what is not shipped, or the buyer asks for it (O2, O9).",
    "change_address": "The seller ships to another address, as asked by message (O13).",
    "refund_order": "The seller gives money back (O17).",
    "leave_feedback": "The buyer rates the order (O9, H1).",
    "send_message": "Someone writes about the order (M1).",
    "resolve_contact": "The buyer says that the matter is settled (M2).",
    "request_return": "The buyer asks to return lines (M4).",
    "answer_return": "The seller answers a return request (M4).",
    "ship_return": "The buyer sent it back (M4).",
    "receive_return": "The seller has it back (M4).",
    "contest_defect": "The seller contests what a rate counts (H3).",
    "decide_contest": "An investigator accepts or rejects a contest (H3).",
    "file_claim": "The buyer, or support for the buyer, claims (C1).",
    "check_eligibility": "The buyer asks whether a claim can be filed (C2, C3).",
    "withdraw_claim": "The buyer takes the claim back (C7).",
    "answer_claim": "The seller answers the claim (C9).",
    "refund_claim": "The seller refunds in full, at once or when the item is back (C8).",
    "add_evidence": "Either side adds to the case (C1).",
    "appeal_claim": "Whom the decision went against asks for a second look (C11).",
    "decide_appeal": "Another investigator decides (C12).",
    "request_information": "An investigator asks one side (C9).",
    "provide_information": "Who was asked answers (C9).",
    "decide_claim": "An investigator grants or denies (C9).",
}
Action = Annotated[str, OneOf(ACTIONS)]
"""What someone may do now: its command's name, without owner and version."""

TEMPLATES: Mapping[str, str] = {
    "order_confirmation": "Buyer: the order is released, with its estimated delivery date (O7, O8).",
    "order_canceled": "Buyer: the order, or lines of it, are canceled.",
    "reply_received": "Buyer: the seller wrote.",
    "filing_opened": "Buyer: a claim can be filed from now on (C2).",
    "claim_received": "Buyer: the claim is filed.",
    "claim_refused": "Buyer: the claim is not accepted, why, and what can be done (C4).",
    "information_wanted_from_buyer": "Buyer: an investigator asks, with the deadline (C9).",
    "decision_to_buyer": "Buyer: the claim is decided.",
    "sold_ship_now": "Seller: sold, ship now, without the address (O7).",
    "buyer_message": "Seller: the buyer wrote, with the deadline to answer.",
    "deadline_reminder": "Seller: a deadline is near and still open.",
    "ship_by_warning": "Seller: confirm as shipped by then to avoid cancellation (O12).",
    "automatic_cancellation": "Seller: not confirmed in time, canceled (O11).",
    "claim_filed": "Seller: a claim is filed (C5).",
    "information_wanted_from_seller": "Seller: an investigator asks, with the deadline (C9).",
    "decision_to_seller": "Seller: the claim is decided, with the debit and the last day to appeal.",
    "return_required_to_buyer": "Buyer: send the item back by then, and the seller refunds (C8).",
    "claim_refunded_to_buyer": "Buyer: the seller refunds the claim in full (C8).",
    "appeal_decision_to_buyer": "Buyer: the appeal is decided (C12).",
    "appeal_decision_to_seller": "Seller: the appeal is decided, with what is reimbursed (C12).",
    "grant_voided_to_buyer": "Buyer: the claim is back in investigation; what was paid stays paid (C6).",
    "grant_voided_to_seller": "Seller: the answer was in time, what was debited is reimbursed (C6).",
}
Template = Annotated[str, OneOf(TEMPLATES)]

RULES: Mapping[str, str] = {
    "O1": "Stock is reserved for an order; one that cannot be covered is canceled.",
    "O2": "An order is held, and may be canceled by the buyer until its release.",
    "O3": "An order that is not verified is canceled.",
    "O4": "A pending order cannot be acted on by the seller.",
    "O5": "A canceled order gives its stock back.",
    "O7": "Released once the hold is over and the payment verified.",
    "O9": "What is not shipped is fulfilled or canceled by its seller; the buyer may leave feedback.",
    "O10": "Shipment is confirmed by lines and quantities.",
    "O11": "What is not confirmed by the cutoff is canceled.",
    "O13": "An address is changed only as the buyer or support asked by message.",
    "O15": "What makes a tracking number valid, and a line delivered.",
    "O17": "A seller may refund an order or lines, whole or in part.",
    "M1": "Who may write, and in which channel.",
    "M2": "What opens, answers and resolves a contact.",
    "M4": "A return is requested, answered, sent back and received.",
    "M5": "No messages about a pending order.",
    "M6": "A message is never altered.",
    "C1": "What a claim names, and how much it may ask for.",
    "C2": "When an item not received may be claimed.",
    "C3": "When an item not as expected may be claimed.",
    "C4": "Why a filing is not accepted.",
    "C6": "An answer in time that is read after the grant voids it, if silence alone had granted.",
    "C6.1": "Confirmed with no trackable method and no valid tracking number.",
    "C6.2": "The buyer wrote in the right channel and got no response within the window.",
    "C6.3": "Not shipped by the expected ship date.",
    "C6.4": "Not delivered by the estimated delivery date.",
    "C6.5": "The seller let the deadline to answer pass.",
    "C7": "The buyer may withdraw until it is decided.",
    "C8": "The seller may refund in full, also after a return.",
    "C9": "An investigator asks, and decides.",
    "C10": "Who pays for a grant.",
    "C11": "A decision may be appealed once, in time, by whom it went against.",
    "C12": "Someone else decides the appeal, and that is final.",
    "C13": "A decision that is not appealed stands.",
    "C15": "Money adds up, in one currency.",
    "C16": "While a chargeback runs nothing is decided.",
    "H1": "What counts in the order defect rate.",
    "H3": "A seller may contest what a rate counts.",
    "T5": "In time is judged by when a thing happened; nothing is dated ahead of the clock.",
    "E1": "A command names an order that is known, and leads to facts that fit into a record.",
}
RuleId = Annotated[str, OneOf(RULES)]
"""A rule of the rulebook, or `E1` for what the envelope asks for."""

REFUSALS: Mapping[str, str] = {
    "unknown_order": "The order was not heard of, nor within the time that commands wait for it.",
    "unknown_contact": "The order has no such contact.",
    "unknown_claim": "The order has no such claim.",
    "unknown_request": "The claim has no such request for information.",
    "unknown_line": "The order has no such line.",
    "in_the_future": "The command is dated more than a minute ahead of the clock.",
    "too_large": "The facts that would follow do not fit into a record.",
    "not_permitted": "This is not for this person to do.",
    "not_a_party": "Whoever it is has no part in this order.",
    "not_the_buyer": "Only the buyer, or support for the buyer, may do this.",
    "not_the_seller": "Only the order's own seller may do this.",
    "invalid_amount": "No claim, grant or refund can have this amount.",
    "wrong_currency": "The order is in another currency.",
    "order_pending": "The order is held or being verified.",
    "order_canceled": "The order, or all that was named of it, is canceled.",
    "nothing_left": "More is named than is left unconfirmed.",
    "shipment_id_reused": "Another shipment was confirmed under this id.",
    "message_id_reused": "Another message was sent under this id.",
    "claim_id_reused": "Another claim was filed under this id.",
    "too_many_messages": "The order has as many messages as can be kept.",
    "incomplete_form": "Something that must be said is missing: see `missing`.",
    "order_not_claimable": "Nothing of the order can be claimed.",
    "already_claimed": "An open or granted claim has one of these lines.",
    "amount_exceeds_paid": "More is claimed than was paid and is left.",
    "delivered": "It was delivered.",
    "not_contacted": "The buyer did not write first, in the right channel.",
    "too_early": "Not yet: see `eligible_from`.",
    "too_late": "Not any more: see `until`.",
    "claim_decided": "The claim is decided or closed.",
    "already_resolved": "That contact is settled already.",
    "already_answered": "That request was answered, or its time is over.",
    "amount_exceeds_left": "More than is left: see `max_amount`.",
    "unknown_defect": "The order has nothing of this id that a rate counts.",
    "unknown_contest": "The order has no such contest.",
    "not_the_investigator": "Only an investigator may do this.",
    "professional_only": "Only professional sellers may confirm by file.",
    "order_shipped": "All that was named is confirmed as shipped.",
    "not_requested": "No message of the buyer or of support asks for it.",
    "request_used": "The address was changed on that request before.",
    "already_rated": "The buyer has left feedback on the order.",
    "no_return": "That contact is no return request.",
    "too_many_units": "More units are named than the order has.",
    "no_way_to_return": "A return needs an address in the buyer's country or a prepaid label.",
    "not_authorised": "The seller has not authorised that return.",
    "not_shipped_back": "The buyer has not sent it back.",
    "already_shipped_back": "The buyer has sent it back already.",
    "already_received": "The seller has it back already.",
    "chargeback_open": "A chargeback is open: nothing is claimed or decided meanwhile.",
    "return_policy_not_followed": "It was not sent back within the days that the return policy gives.",
    "no_clear_justification": "An investigator sees no justification for it.",
    "nothing_to_return": "What did not come cannot be sent back.",
    "return_already_required": "The seller asked for the item back before.",
    "not_appealable": "That decision cannot be appealed, or not by this side.",
    "already_appealed": "It was appealed before, and only one appeal is possible.",
    "no_appeal": "No appeal is to be decided.",
    "same_investigator": "Somebody else than the first investigator decides an appeal.",
    "already_contested": "It was contested before.",
    "contest_decided": "That contest is decided.",
    "contest_id_reused": "Another contest was submitted under this id.",
    "taken_back": "It counts no more.",
}
Refusal = Annotated[str, OneOf(REFUSALS)]
"""Why a command is refused."""

FACT_NAMES: Mapping[str, str] = {
    "requirement": "What a filing must meet: the code of the refusal if it does not.",
    "judged_at": "The instant that it is judged at.",
    "filed_at": "When the claim was filed, by its command.",
    "filed_by": "In which role it was filed.",
    "is_party": "Whether who filed it has a part in this order.",
    "missing": "What the form lacks.",
    "currency": "The order's currency.",
    "unknown_line": "A line that is claimed and that the order does not have.",
    "claimed_by": "The claim that already stands for a line.",
    "issue": "What is claimed: not received, or not as expected.",
    "reason": "The reason that the claim gives.",
    "wanted": "What is wanted: a refund, or a replacement.",
    "claimed_amount": "The amount claimed.",
    "extra_charges": "Extra charges that are claimed and documented.",
    "left_amount": "What is left of what was paid for the lines.",
    "granted_amount": "The amount that the investigator grants.",
    "decided_outcome": "The investigator's outcome.",
    "fulfilment": "Who fulfils the order.",
    "released_at": "When the order was released.",
    "canceled_at": "When units were canceled.",
    "expected_ship_date": "The promise on shipping, as moved.",
    "ship_by": "The end of the expected ship date, in the marketplace's time zone.",
    "delivery_to": "The maximum estimated delivery date, as moved.",
    "deliver_by": "The end of that date, in the marketplace's time zone.",
    "promised_date": "The delivery date that valid tracking promises.",
    "expected_on": "The sooner of the two delivery dates.",
    "confirmed_at": "When a shipment was confirmed.",
    "shipped_at": "When a shipment was handed over, by its confirmation.",
    "label": "Whose label a shipment carries.",
    "trackable": "Whether the shipping method is trackable.",
    "tracking_valid": "Whether the tracking number is valid.",
    "delivered_at": "When a shipment was delivered, by a scan.",
    "units_claimed": "How many units are claimed.",
    "units_not_canceled": "How many of them are not canceled.",
    "units_not_shipped": "How many of them were not shipped in time.",
    "units_undelivered": "How many of them were not delivered.",
    "units_untracked": "How many of them nobody can track.",
    "units_protected": "How many of them were shipped so that the marketplace pays (C10).",
    "contact_opened_at": "When the buyer wrote first.",
    "respond_by": "Until when the seller had time to answer.",
    "resolve_by": "Until when the seller had time to resolve it.",
    "responded_at": "When the seller first answered in person.",
    "resolved_at": "When the buyer said that it is settled.",
    "eligible_from": "From when a claim may be filed.",
    "until": "Until when a claim may be filed.",
    "information_requested_at": "When information was asked for.",
    "information_due_at": "Until when it was to be given.",
    "information_provided_at": "When it was given.",
    "on_silence": "What the policy does when the seller is silent.",
    "granted_at": "When the claim had been granted.",
    "held_at_grant": "The grounds that it had been granted by.",
    "claim_answer_due_at": "Until when the claim itself was to be answered.",
    "claim_answered_at": "When the seller answered the claim.",
    "return_received_at": "When the item was back with the seller, who had asked for it.",
    "return_refund_due_at": "Until when it was then to be refunded.",
    "refunded_at": "When the seller had refunded all that was claimed.",
    "refunded_amount": "What the seller has refunded of these lines since the claim was filed.",
    "chargeback_opened_at": "When a chargeback was opened.",
    "chargeback_closed_at": "When that chargeback was closed.",
    "return_authorised_at": "When the seller authorised a return.",
    "return_by": "The end of the last day to send the item back, in the marketplace's time zone.",
    "return_shipped_at": "When the buyer sent the item back.",
    "judgement": "Which of the two judgements of C4 an investigator refuses by.",
    "first_outcome": "The decision that is appealed.",
    "first_decided_by": "The investigator who made it; none if it was made by rule.",
    "decided_by": "The investigator who decides the appeal.",
    "appealed_by": "The side that appeals.",
    "appealed_at": "When it appealed.",
    "appeal_until": "Until when the decision could be appealed.",
    "reverse_money": "Whether the money is reversed.",
    "reverse_defect": "Whether the effect on the order defect rate is reversed.",
    "debited_amount": "What the seller was debited and has not got back.",
    "answered_at": "When the seller answered, by the command.",
    "read_at": "When that answer was read.",
    "is_read_late": "Whether it was read more than ten minutes after its date.",
}
FactName = Annotated[str, OneOf(FACT_NAMES)]
"""What an explanation reads."""

CANCELLATION_REASONS: Mapping[str, str] = {
    "buyer": "The buyer wished it, in time (O2).",
    "out_of_stock": "The listing could not cover it (O1).",
    "payment_refused": "The payment was refused (O3).",
    "fraud": "The payment is a fraud (O3).",
    "verification_expired": "It was not verified in time (O3).",
    "seller": "The seller canceled (O9).",
    "ship_confirmation_expired": "Shipment was not confirmed in time (O11).",
    "claim_granted": "A claim was granted for what was not yet shipped (C10).",
}
CancellationReason = Annotated[str, OneOf(CANCELLATION_REASONS)]

CANCELED_BY: Mapping[str, str] = {
    "buyer": "The buyer.",
    "seller": "The seller.",
    "support": "Customer service, for the buyer.",
    "payment": "Payment verification.",
    "marketplace": "The marketplace's own rules.",
}
CanceledBy = Annotated[str, OneOf(CANCELED_BY)]

CLAIM_REASONS: Mapping[str, str] = {
    "damaged": "It came damaged.",
    "defective": "It does not work.",
    "materially_different": "It is something else than was described.",
    "returned_not_refunded": "It was sent back, and nothing was refunded.",
    "refunded_wrong_amount": "Less than was due was refunded.",
    "international_return": "No acceptable way to return it abroad was offered.",
    "extra_charges": "There were charges such as customs.",
    "delivered_not_found": "Tracking says delivered, the buyer did not find it.",
}
ClaimReason = Annotated[str, OneOf(CLAIM_REASONS)]

DEFECT_KINDS: Mapping[str, str] = {
    "claim_granted": "Order defect rate: a claim granted at the seller's cost.",
    "claim_refunded": "Order defect rate: a claim that the seller refunded.",
    "negative_feedback": "Order defect rate: feedback of 1 or 2.",
    "chargeback_lost": "Order defect rate: a chargeback that the buyer won.",
    "cancellation": "Pre-fulfilment cancellation rate: canceled by the seller, or not confirmed in time.",
    "late_answer": "Rate of contacts answered in time: one that was not.",
}
DefectKind = Annotated[str, OneOf(DEFECT_KINDS)]
"""What a rate counts against a seller."""

Language = Literal["en", "zh"]
Fulfilment = Literal["seller", "marketplace"]
Plan = Literal["professional", "individual"]
Label = Literal["seller", "marketplace"]
MilestoneKind = Literal["accepted", "in_transit", "out_for_delivery", "delivered", "exception", "returned"]
Channel = Literal["buyer_seller_messages", "return_requests"]
MessageIssue = Literal["delivery", "product", "address_change", "other"]
ResolutionCause = Literal["buyer", "refunded"]
ReturnAnswer = Literal["authorised", "refund_without_return", "declined"]
ReceivedBy = Literal["seller", "carrier"]
RefundCause = Literal["seller", "claim", "return"]
ChargebackOutcome = Literal["buyer_won", "seller_won"]
ClaimIssue = Literal["not_received", "not_as_expected"]
Wanted = Literal["refund", "replacement"]
FilingChannel = Literal["self", "phone"]
Funding = Literal["seller", "marketplace"]
Side = Literal["buyer", "seller"]
OnSilence = Literal["grant", "investigate"]
DecidedOutcome = Literal["granted", "denied", "refused"]
ClosedOutcome = Literal[
    "granted",
    "denied",
    "refused",
    "withdrawn",
    "refunded",
    "not_returned",
    "chargeback",
    "reversed",
    "upheld",
]

OPERATION_REFUSALS: Mapping[str, str] = {
    "nothing_named": "Neither a dead letter nor a parked key is named, or both are.",
    "not_found": "The service has no such dead letter or parked key.",
    "already_settled": "It was retried or skipped before.",
    "still_unreadable": "It was read again and still cannot be read.",
    "erased": "It was the data of a person who was erased: there is nothing left to read again.",
}
OperationRefusal = Annotated[str, OneOf(OPERATION_REFUSALS)]
