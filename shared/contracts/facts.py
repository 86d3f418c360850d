"""What facts of several owners have in common."""

from __future__ import annotations

from shared.contracts.data import Data, Id, Listed, Part, Quantity, Role, When, Words
from shared.contracts.lists import Action, Refusal, RuleId, TimerKind
from shared.contracts.money import Money

Actions = dict[Role, Listed[Action]]
"""Who may do what now. A role that may do nothing may be left out."""


class Line(Part):
    """So many units of one line of an order."""

    order_item_id: Id
    quantity: Quantity


class Deadline(Part):
    """A clock that runs: at `due_at` the fact of type `then` would follow."""

    kind: TimerKind
    due_at: When
    then: Id


class Fact(Data):
    """Something happened, `at` an instant of business time."""

    at: When


class PartyFact(Fact):
    """A fact on an order, with the two sides that it concerns."""

    order_id: Id
    seller_id: Id
    buyer_id: Id


class StateFact(PartyFact):
    """An order or claim fact: `actions` and `deadlines` as they stand after it."""

    actions: Actions
    deadlines: Listed[Deadline]


class Refused(Fact):
    """A command that was not followed: by which rule, why, and what would help.

    `eligible_from`, `until` and `max_amount` say when, and how much, would be accepted, `missing` which fields
    are to be filled. The two sides are there when the order is known, and on order and claim facts so are
    `actions` and `deadlines`, unchanged.
    """

    order_id: Id
    command_id: Id
    rule: RuleId
    reason: Refusal
    message: Words
    eligible_from: When | None = None
    until: When | None = None
    max_amount: Money | None = None
    missing: Listed[Id] | None = None
    seller_id: Id | None = None
    buyer_id: Id | None = None
    actions: Actions | None = None
    deadlines: Listed[Deadline] | None = None
