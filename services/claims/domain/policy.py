"""The numbers and switches that claims are judged by (P1), and which of them was in force when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from shared.values import dataclass

OnSilence: TypeAlias = Literal["grant", "investigate"]


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy, as far as claims need it.

    `ahead`: how far ahead of the clock a command may be dated (T5).
    `filing_wait_days`: calendar days after the delivery date until a claim may be filed (C2).
    `filing_window_days`: calendar days after the maximum EDD in which one may be filed (C4).
    `grounds`: those of C6 that grant by themselves.
    `information_window`, `on_silence`: the clock of an information request; what a silent seller's means.
    `appeal_window`: how long a decision can be appealed, after which the claim closes (C13).
    `answer_window`: in which a filed claim must be answered (C6.5); None is no deadline.
    `return_window_days`: calendar days after the delivery in which an authorised return is sent back (C4).
    `return_send`, `return_refund`: the clocks of a seller who asks for the item back first (C8).
    """

    policy_id: str
    ahead: timedelta
    filing_wait_days: int
    filing_window_days: int
    grounds: frozenset[str]
    information_window: timedelta
    on_silence: OnSilence
    appeal_window: timedelta
    answer_window: timedelta | None
    return_window_days: int
    return_send: timedelta
    return_refund: timedelta


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies, the marketplaces' time zones, and which policy was in force where and when."""

    numbers: Mapping[str, Policy]
    zones: Mapping[str, str]
    in_force_id: Callable[[str, datetime], str]

    def of(self, policy_id: str) -> Policy:
        """Return the policy of this id."""
        return self.numbers[policy_id]

    def in_force(self, marketplace_id: str, at: datetime) -> Policy:
        """Return the policy that was in force in the marketplace at this instant."""
        return self.numbers[self.in_force_id(marketplace_id, at)]
