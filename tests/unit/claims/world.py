"""One order of two items as claims hears of it: what happens, what is read when, and the naive model beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeAlias, get_args

from services.claims.domain import events as said
from services.claims.domain.evolve import apply
from services.claims.domain.inputs import (
    ChargebackClosed,
    ChargebackOpened,
    ClaimCommand,
    Command,
    DeadlineExpired,
    FileClaim,
    Heard,
    Input,
)
from services.claims.domain.money import Money
from services.claims.domain.policy import Policies
from services.claims.domain.rules import GROUNDS, STANDING_GROUNDS
from services.claims.domain.state import OPEN, Claim, OrderState, claim_of
from tests.unit.claims import builders as a
from tests.unit.claims.naive import Naive, Numbers
from tests.unit.claims.naive_answers import why_not

ITEMS = {"item-1": 1000, "item-2": 501}
Timer: TypeAlias = tuple[str, str, datetime]
MOVES: TypeAlias = said.BuyerCompensated | said.SellerDebited | said.SellerReimbursed
NOT_TOLD = (
    said.Noted,
    said.TimerSet,
    said.TimerCanceled,
    said.CommandRefused,
    said.ClaimRefused,
    said.FilingOpened,
)
WITHOUT_C6_2 = frozenset({"C6.2"})
DAYS_2, DAYS_3, DAYS_7 = timedelta(days=2), timedelta(days=3), timedelta(days=7)

UNDER: dict[str, tuple[Policies, Numbers]] = {
    "2021-en": (a.policies(), Numbers()),
    "2021-zh": (
        a.policies(on_silence="investigate", information_window=DAYS_3),
        Numbers(information=DAYS_3, response=DAYS_3, silence_grants=False),
    ),
    "classic": (
        a.policies(without=WITHOUT_C6_2, answer_window=DAYS_7),
        Numbers(answer=DAYS_7, unanswered_message_grants=False),
    ),
}
"""The three policies of P2, in the domain's words and in the naive model's."""


class World:
    """What was said, and what is still unread; every decision is held against the naive model."""

    def __init__(self, policy: str) -> None:
        self.policies, self.numbers = UNDER[policy]
        self.now = a.RELEASED
        self.state = OrderState()
        self.known = Naive(self.numbers, ITEMS)
        self.truth = Naive(self.numbers, ITEMS)
        self.unread: dict[str, list[Input]] = {"orders": [], "messaging": [], "commands": []}
        self.timers: set[Timer] = set()
        self.events: list[said.Event] = []
        self.names = Counter[str]()

    def name(self, what: str) -> str:
        self.names[what] += 1
        return f"{what}-{self.names[what]}"

    def happen(self, topic: str, fact: Heard) -> None:
        self.truth.note(fact)
        self.unread[topic].append(fact)

    def ask(self, command: Command) -> None:
        self.unread["commands"].append(command)

    def read(self, topic: str, many: int) -> None:
        waiting = self.unread[topic]
        if topic == "commands" and self.state.dossier.order is None:
            return
        for each in waiting[:many]:
            self.hear(each)
        del waiting[:many]

    def fire(self, timer: Timer) -> None:
        self.timers.discard(timer)
        self.hear(DeadlineExpired(*timer))  # type: ignore[arg-type]

    def hear(self, what: Input) -> None:
        """Decide, and decide again on a copy: the copy changes nothing, and moves nothing."""
        expected = self.expected(what)
        if isinstance(what, Heard):
            self.known.note(what)
        before = self.state
        told = a.decide_twice(what, before, now=self.now, policy=self.policies)
        if isinstance(what, ClaimCommand | FileClaim):
            assert self.answered(told) == expected, what
        self.look_at(told)
        self.state = apply(before, told)
        again = a.decide_twice(what, self.state, now=self.now, policy=self.policies)
        assert apply(self.state, again) == self.state
        assert not again or isinstance(what, Command)
        assert not any(isinstance(each, (*get_args(MOVES), said.TimerSet)) for each in again)

    # ---------------------------------------------------------------------------------- beside the naive model

    def expected(self, what: Input) -> str | None:
        """Say why the naive model would not follow a command."""
        if isinstance(what, FileClaim):
            return self.known.no_filing(what)
        return why_not(self.known, what, self.now) if isinstance(what, ClaimCommand) else None

    def answered(self, told: Sequence[said.Event]) -> str | None:
        noes = [
            each.refusal.reason for each in told if isinstance(each, said.CommandRefused | said.ClaimRefused)
        ]
        return noes[0] if noes else None

    def look_at(self, told: Sequence[said.Event]) -> None:
        self.events += told
        for event in told:
            self.compare_any(event)
            if isinstance(event, said.TimerSet):
                self.timers.add((event.kind, event.subject_id, event.due_at))
            if isinstance(event, said.TimerCanceled):
                self.timers.discard((event.kind, event.subject_id, event.due_at))
            if not isinstance(event, NOT_TOLD):
                self.known.note(event)
                self.truth.note(event)

    def compare_any(self, event: said.Event) -> None:
        match event:
            case said.ClaimGranted():
                self.compare(event)
            case said.GrantVoided():
                self.compare_void(event)
            case said.ClaimRefundedBySeller():
                self.compare_refund(event)
            case said.AppealReversed():
                self.compare_reversal(event)
            case said.ClaimSuspended() | said.ClaimResumed():
                self.compare_pause(event)
            case said.ClaimClosed() if self.known.status(event.claim_id) == "open":
                self.compare_end(event)
            case _:
                pass

    def compare(self, granted: said.ClaimGranted) -> None:
        """See that the naive model finds the very grounds that the explanation names, and the same amount."""
        form = self.known.form(granted.claim_id)
        judged_at = next(
            datetime.fromisoformat(str(fact.value))
            for finding in granted.explanation
            for fact in finding.facts
            if fact.name == "judged_at"
        )
        held = [each.rule for each in granted.explanation if each.holds and each.rule in GROUNDS]
        assert held == self.known.grounds(form, judged_at)
        assert judged_at <= self.now
        assert not self.known.stands_still(granted.claim_id)
        if granted.automatic:
            assert held
            assert granted.amount.amount_minor == self.known.payable(form, judged_at)
        assert 0 < granted.amount.amount_minor <= self.known.left(form)
        had = self.known.compensated(granted.claim_id)
        assert granted.compensation.amount_minor == max(0, granted.amount.amount_minor - had)

    def compare_void(self, voided: said.GrantVoided) -> None:
        """See that only a grant by silence alone was voided, and that the naive model finds no ground now."""
        granted = self.known.decision(voided.claim_id)
        held = {each.rule for each in granted.explanation if each.holds}
        assert granted.automatic
        assert not held & STANDING_GROUNDS
        assert self.known.grounds(self.known.form(voided.claim_id), self.now) == []
        assert voided.amount == (granted.amount if granted.funding == "seller" else Money(0, "USD"))

    def compare_refund(self, refunded: said.ClaimRefundedBySeller) -> None:
        """See that a refund in full pays the rest; and that one which ends by itself has none."""
        form = self.known.form(refunded.claim_id)
        had = self.known.compensated(refunded.claim_id)
        rest = self.known.rest(form)
        assert refunded.amount.amount_minor == (max(0, rest - had) if refunded.command else 0)
        assert rest == 0 or refunded.command
        if refunded.amount.amount_minor:
            units = refunded.lines[0]
            record = a.refunded(refunded.amount.amount_minor, units, at=self.now, claim_id=refunded.claim_id)
            self.happen("orders", record)

    def compare_reversal(self, reversed_: said.AppealReversed) -> None:
        """See that a reversed grant gives back its debit, and a reversed denial grants what is left at most."""
        first = self.known.decision(reversed_.claim_id)
        if isinstance(first, said.ClaimGranted):
            assert reversed_.amount.amount_minor == (
                first.amount.amount_minor if reversed_.reverse_money else 0
            )
        else:
            assert 0 < reversed_.amount.amount_minor <= self.known.left(self.known.form(reversed_.claim_id))

    def compare_pause(self, event: said.ClaimSuspended | said.ClaimResumed) -> None:
        """See that a claim stands still from the chargeback on, or since it is open, until the bank has decided."""
        if isinstance(event, said.ClaimResumed):
            closed = [each.source.at for each in self.known.every(ChargebackClosed)]
            assert event.request_id or event.at == closed[-1]
            return
        opened = [each.source.at for each in self.known.every(ChargebackOpened)][-1]
        assert self.known.is_charged_back()
        assert event.at in {max(opened, self.known.form(event.claim_id).at), self.now}

    def compare_end(self, closed: said.ClaimClosed) -> None:
        """See why an open claim ends without a decision: taken back, paid back, kept, or won at the bank."""
        claim_id = closed.claim_id
        ended = any(
            isinstance(each, said.ClaimWithdrawn | said.ClaimRefundedBySeller)
            for each in self.known.of(claim_id)
        )
        is_won = self.known.stands_still(claim_id) and not self.known.is_charged_back()
        assert ended or is_won or self.known.is_kept(self.known.form(claim_id), closed.at)

    # ------------------------------------------------------------------------------------------ when all is quiet

    def settle(self) -> None:
        """Read everything, and let fire whatever is due."""
        while any(self.unread.values()) or self.due():
            for topic in self.unread:
                self.read(topic, len(self.unread[topic]))
            if due := self.due():
                self.fire(min(due, key=lambda each: each[2]))

    def due(self) -> list[Timer]:
        return [timer for timer in self.timers if timer[2] <= self.now]

    def check_quiet(self) -> None:
        """An answer in time has won by now, what time has granted is granted, and nothing is forgotten."""
        for claim in self.state.decided.claims:
            claim_id = claim.case.claim_id
            form = self.known.form(claim_id)
            if isinstance(claim, OPEN):
                assert not self.known.is_granted_by_now(claim_id, self.now), (
                    "a ground holds, and it is still open"
                )
                refunded = self.known.refunds_since(form)
                assert not refunded or self.known.rest(form), "nothing is left, and it is still open"
                assert not self.known.is_kept(form, self.now), "it was not sent back, and it is still open"
            if claim_id in self.undone():
                held = {each.rule for each in self.known.decision(claim_id).explanation if each.holds}
                is_silence = not held & STANDING_GROUNDS
                assert not is_silence or self.known.grounds(form, self.now), (
                    "silence granted, and it was answered"
                )
            is_undecided = self.known.status(claim_id) in {"open", "appealed"}
            assert (claim.shape == "suspended") == (is_undecided and self.known.is_charged_back())

    def undone(self) -> set[str]:
        """Name what an answer could take back; one that was read after the end moves no money (C6)."""
        seen = {each.claim_id for each in self.events if isinstance(each, said.LateAnswerSeen)}
        standing = {"granted", "appealed"}
        claims = (claim.case.claim_id for claim in self.state.decided.claims)
        return {
            each
            for each in claims
            if self.known.status(each) in standing and self.known.is_by_rule(each) and each not in seen
        }

    def claims(self, *shapes: str) -> list[str]:
        """Name the claims that have one of these shapes."""
        return [each.case.claim_id for each in self.state.decided.claims if each.shape in shapes]

    def claim(self, claim_id: str) -> Claim:
        found = claim_of(self.state, claim_id)
        assert found is not None
        return found
