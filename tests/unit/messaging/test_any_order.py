"""What holds for every conversation, however its inputs are dated, repeated and ordered."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.messaging.domain import conversation, decide, evolve, running
from services.messaging.domain.events import (
    Event,
    ResolutionOverdue,
    ResponseOverdue,
    TimerCanceled,
    TimerSet,
)
from services.messaging.domain.inputs import Input, SendMessage
from services.messaging.domain.model import Contact, Conversation, Issue, OrderState, ReleasedOrder, Responded
from tests.unit.messaging.builders import (
    ASKED,
    BUYER,
    DUE,
    INSTANT,
    LATER,
    POLICY,
    RELEASED,
    SELLER,
    SUPPORT,
    answer,
    canceled,
    deadline,
    message,
    money_returned,
    received,
    released,
    resolve,
)

times = st.sampled_from(
    [
        RELEASED,
        ASKED - INSTANT,
        ASKED,
        ASKED + INSTANT,
        DUE - INSTANT,
        DUE,
        DUE + INSTANT,
        DUE + timedelta(days=9),
    ]
)
contact_ids = st.sampled_from(["contact-1", "contact-2", "contact-3"])
issues: st.SearchStrategy[Issue] = st.sampled_from(["delivery", "product"])
messages = st.builds(
    message,
    st.sampled_from([BUYER, SELLER, SUPPORT]),
    at=times,
    message_id=st.sampled_from([f"message-{number}" for number in range(20)]),
    contact_id=contact_ids,
    issue=issues,
    automatic=st.booleans(),
    response_required=st.booleans(),
)
inputs: st.SearchStrategy[Input] = st.one_of(
    messages,
    messages,
    st.builds(resolve, at=times, contact_id=contact_ids),
    st.builds(canceled, times),
    st.builds(money_returned, st.sampled_from([1000, 2499]), at=times),
    st.builds(deadline, st.sampled_from(["response_due", "resolution_due"]), times, contact_ids),
)


def play(*what: Input) -> tuple[OrderState, list[Event]]:
    state: OrderState | None = None
    events: list[Event] = []
    for each in (received(), released(), *what):
        new = decide(each, state, now=LATER, policy=POLICY)
        events.extend(new)
        for event in new:
            state = evolve(state, event)
    assert state is not None
    return state, events


@given(st.lists(inputs, max_size=25))
def test_our_own_facts_alone_give_the_conversation_back(what: list[Input]) -> None:
    state, events = play(*what)
    replayed = Conversation()
    for event in events:
        replayed = conversation(replayed, event)
    assert replayed == state.conversation


@given(st.lists(inputs, max_size=25))
def test_a_second_reading_of_everything_changes_nothing(what: list[Input]) -> None:
    state, _ = play(*what)
    again, _ = play(*(each for each in what for _ in range(2)))
    assert again == state


@given(st.lists(inputs, max_size=25))
def test_the_timers_that_stand_are_exactly_the_clocks_that_run(what: list[Input]) -> None:
    state, events = play(*what)
    timers: set[tuple[str, str, object]] = set()
    for event in events:
        match event:
            case TimerSet(kind, subject_id, due_at):
                timers.add((kind, subject_id, due_at))
            case TimerCanceled(kind, subject_id, due_at):
                timers.discard((kind, subject_id, due_at))
            case ResponseOverdue(contact_id, due_at):
                timers.discard(("response_due", contact_id, due_at))
            case ResolutionOverdue(contact_id, due_at):
                timers.discard(("resolution_due", contact_id, due_at))
            case _:
                pass
    assert timers == {
        tuple(clock) for contact in state.conversation.contacts for clock in running(contact, state.dossier)
    }


@given(st.lists(inputs, max_size=25))
def test_no_contact_has_a_name_of_another_and_no_two_of_one_issue_are_open(what: list[Input]) -> None:
    contacts = play(*what)[0].conversation.contacts
    names = [name for contact in contacts for name in contact.names]
    assert len(names) == len(set(names))
    open_issues = [contact.issue for contact in contacts if contact.resolution.shape != "resolved"]
    assert len(open_issues) == len(set(open_issues))


def _naive_answer(contact: Contact, what: list[SendMessage]) -> object:
    dates = [
        each.at
        for each in what
        if each.actor == SELLER and not each.automatic and each.at >= contact.opened_at
    ]
    return min(dates, default=None)


@settings(max_examples=200)
@given(
    st.lists(
        st.builds(answer, at=times, message_id=st.uuids().map(str), automatic=st.booleans()), max_size=5
    ),
    st.integers(0, 5),
    st.lists(st.integers(0, 10), max_size=2),
)
def test_the_earliest_answer_in_person_counts_wherever_question_and_deadline_stand(
    answers: list[SendMessage], question_at: int, deadlines_at: list[int]
) -> None:
    what: list[Input] = [*answers]
    what.insert(min(question_at, len(what)), message())
    for place in deadlines_at:
        what.insert(min(place, len(what)), deadline("response_due"))
    state, _ = play(*what)
    assert isinstance(state.dossier, ReleasedOrder)
    (contact,) = state.conversation.contacts
    found = contact.response.at if isinstance(contact.response, Responded) else None
    assert found == _naive_answer(contact, answers)
