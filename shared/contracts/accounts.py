"""What upstream accounts say of sellers and buyers. Orders don't wait for them; mail does."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.data import Country, Data, Id, PersonsText, When
from shared.contracts.lists import Language, Plan
from shared.contracts.topics import ACCOUNTS_EVENTS


class SellerRegistered(Data):
    """A seller is known, or what is known of them changed."""

    TYPE: ClassVar[str] = "accounts.seller_registered.v1"
    TOPIC: ClassVar[str] = ACCOUNTS_EVENTS

    seller_id: Id
    name: PersonsText
    email: PersonsText
    language: Language
    plan: Plan
    country: Country


class BuyerRegistered(Data):
    """A buyer is known, or what is known of them changed."""

    TYPE: ClassVar[str] = "accounts.buyer_registered.v1"
    TOPIC: ClassVar[str] = ACCOUNTS_EVENTS

    buyer_id: Id
    name: PersonsText
    email: PersonsText
    language: Language
    country: Country


class PersonErased(Data):
    """A person's data is to go, in every service: names, addresses, texts. That something was said stays."""

    TYPE: ClassVar[str] = "accounts.person_erased.v1"
    TOPIC: ClassVar[str] = ACCOUNTS_EVENTS

    party_id: Id
    at: When


MESSAGES = (SellerRegistered, BuyerRegistered, PersonErased)
