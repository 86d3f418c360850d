"""What downstream finance settles, and nothing else. The ids are stable: a consumer drops repeats by them."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.data import Id, Listed
from shared.contracts.facts import Fact
from shared.contracts.lists import Funding, RuleId
from shared.contracts.money import Money
from shared.contracts.topics import FINANCE_DEBITS


class SellerDebited(Fact):
    """The seller pays for a grant, by these rules."""

    TYPE: ClassVar[str] = "finance.seller_debited.v1"
    TOPIC: ClassVar[str] = FINANCE_DEBITS

    debit_id: Id
    seller_id: Id
    buyer_id: Id
    order_id: Id
    claim_id: Id
    amount: Money
    rules: Listed[RuleId]
    policy_id: Id


class SellerReimbursed(Fact):
    """A debit is taken back."""

    TYPE: ClassVar[str] = "finance.seller_reimbursed.v1"
    TOPIC: ClassVar[str] = FINANCE_DEBITS

    reimbursement_id: Id
    debit_id: Id
    seller_id: Id
    order_id: Id
    claim_id: Id
    amount: Money


class BuyerCompensated(Fact):
    """The buyer is paid for a grant, whoever funds it; `debit_id` where the seller does."""

    TYPE: ClassVar[str] = "finance.buyer_compensated.v1"
    TOPIC: ClassVar[str] = FINANCE_DEBITS

    compensation_id: Id
    buyer_id: Id
    seller_id: Id
    order_id: Id
    claim_id: Id
    amount: Money
    funding: Funding
    debit_id: Id | None = None


MESSAGES = (SellerDebited, SellerReimbursed, BuyerCompensated)
