"""How the story ends: outcomes, debits from the topic that finance reads, mails as received, reasons, invariants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.cli.claim_story import ClaimStory
from services.cli.story.hearing import Fact
from services.cli.story.mails import Mail
from services.cli.story.script import Chapter
from services.cli.telling import amount_of
from shared.contracts.claims import ClaimGranted
from shared.contracts.finance import SellerDebited, SellerReimbursed

if TYPE_CHECKING:
    from rich.table import Table

DECISION_MAIL = "decision_to_seller"


@dataclass(frozen=True, slots=True)
class End:
    """What one order came to, and what is wrong with that, if anything."""

    chapter: Chapter
    decisions: tuple[str, ...]
    debits: int
    reimbursements: int
    mails: int

    @property
    def wrong(self) -> str | None:
        """Compare with what the script says must have come of it."""
        owed = self.chapter.ending
        if self.decisions != owed.decisions:
            return f"decided {_listed(self.decisions)}, expected {_listed(owed.decisions)}"
        if (self.debits, self.reimbursements) != (owed.debits, owed.reimbursements):
            return f"{self.debits} debits and {self.reimbursements} reimbursements"
        if self.debits and not self.mails:
            return "the seller got no mail about the debit"
        return None


def _listed(types: Sequence[str]) -> str:
    return ", ".join(types) or "nothing"


_DECISIONS = (
    "claims.claim_granted.v1",
    "claims.grant_voided.v1",
    "claims.claim_denied.v1",
    "claims.appeal_reversed.v1",
)


def ends(chapters: Sequence[Chapter], facts: Sequence[Fact], mails: Sequence[Mail]) -> Sequence[End]:
    """Look at what every chapter came to."""
    return [_end(chapter, facts, mails) for chapter in chapters]


def _end(chapter: Chapter, facts: Sequence[Fact], mails: Sequence[Mail]) -> End:
    order_id = chapter.order.order_id
    types = [fact.type for fact in facts if fact.order_id == order_id]
    counts = Counter(types)
    return End(
        chapter,
        tuple(type_ for type_ in types if type_ in _DECISIONS),
        counts[SellerDebited.TYPE],
        counts[SellerReimbursed.TYPE],
        sum(1 for mail in mails if mail.template == DECISION_MAIL and order_id in mail.text),
    )


def outcomes(found: Iterable[End]) -> Table:
    """Show what became of each order."""
    table = _table(
        "Outcomes", "order", "what became of it", "debits", "given back", "decision mails to the seller", ""
    )
    for end in found:
        order = end.chapter.order
        mark = "[green]as it must be[/]" if end.wrong is None else f"[bold red]{end.wrong}[/]"
        counts = (str(end.debits), str(end.reimbursements), str(end.mails))
        table.add_row(order.order_id, end.chapter.ending.outcome, *counts, mark)
    return table


def debits(facts: Sequence[Fact], shown: Sequence[str]) -> Table:
    """Show each grant with its debit, as finance hears of it on finance.debits."""
    table = _table(
        "Grants and debits, from the topic finance.debits", "claim", "granted", "debited", "given back"
    )
    for grant in (fact for fact in facts if fact.type == ClaimGranted.TYPE and fact.order_id in shown):
        debit_id = grant.data.get("debit_id")
        of_this = [fact for fact in facts if fact.data.get("debit_id") == debit_id and debit_id]
        table.add_row(
            str(grant.data["claim_id"]),
            amount_of(grant.data["amount"], "en"),
            ", ".join(_amounts(of_this, SellerDebited.TYPE)) or "nothing",
            ", ".join(_amounts(of_this, SellerReimbursed.TYPE)) or "—",
        )
    return table


def _amounts(facts: Sequence[Fact], type_: str) -> list[str]:
    return [amount_of(fact.data["amount"], "en") for fact in facts if fact.type == type_]


def mails_table(mails: Sequence[Mail], shown: Sequence[str]) -> Table:
    """Show the mails about some orders, in the order in which the mail server got them."""
    table = _table("Mails about these orders, as the mail server received them", "to", "template", "subject")
    for mail in mails:
        if any(order_id in mail.text for order_id in shown):
            table.add_row(mail.to, mail.template, mail.subject)
    return table


def reasons(stories: Sequence[ClaimStory]) -> Iterable[tuple[str, str]]:
    """Give every decision with its explanation, a sentence a rule; the second is a style."""
    from services.cli.claim_story import told

    for story in stories:
        for decision in story.decisions:
            yield f"{story.claim_id}: {told(decision.fact, story.zone, 'en')}", "bold"
            yield from ((f"    {sentence}", "") for sentence in decision.sentences["en"])


def to_json(found: Sequence[End], stories: Sequence[ClaimStory], mails: Sequence[Mail]) -> dict[str, Any]:
    """Return the end as JSON has it."""
    return {
        "outcomes": [
            {
                "order_id": end.chapter.order.order_id,
                "outcome": end.chapter.ending.outcome,
                "decisions": end.decisions,
                "debits": end.debits,
                "reimbursements": end.reimbursements,
                "decision_mails": end.mails,
                "wrong": end.wrong,
            }
            for end in found
        ],
        "claims": [story.to_json() for story in stories],
        "mails": [{"to": mail.to, "template": mail.template, "subject": mail.subject} for mail in mails],
    }


def _table(title: str, *columns: str) -> Table:
    from rich.table import Table

    return Table(
        *columns, title=title, title_justify="left", title_style="bold underline", box=None, pad_edge=False
    )
