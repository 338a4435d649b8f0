"""Tickets that are files: each is taken once, by a worker or by who revokes it."""

from __future__ import annotations

import pickle
import threading

import pytest

from gradioproxy.many.tickets import FileTicket, TicketFolder


def make_ticket() -> FileTicket:
    """Return a ticket of a folder of its own."""
    made = TicketFolder().make()
    assert made is not None
    return made


def test_a_ticket_is_taken_once() -> None:
    """Also by who gets it by a pickle."""
    ticket = make_ticket()
    copy = pickle.loads(pickle.dumps(ticket))  # noqa: S301 - made here
    assert copy.take()
    assert not ticket.take()
    assert ticket.is_wanted()


def test_a_ticket_that_was_revoked_is_not_taken() -> None:
    ticket = make_ticket()
    assert not ticket.revoke()
    assert not ticket.take()
    assert not ticket.is_wanted()


def test_who_has_taken_a_ticket_learns_that_it_was_revoked() -> None:
    ticket = make_ticket()
    assert ticket.take()
    assert ticket.revoke()
    assert not ticket.is_wanted()


def test_what_others_cleaned_away_may_have_been_taken() -> None:
    folder = TicketFolder()
    ticket = folder.make()
    folder.remove()
    assert ticket is not None
    assert ticket.revoke()
    assert folder.make() is None


@pytest.mark.parametrize("_attempt", range(20))
def test_of_many_that_want_a_ticket_one_gets_it(_attempt: int) -> None:
    ticket = make_ticket()
    start, won = threading.Barrier(5), []

    def take() -> None:
        start.wait()
        if ticket.take():
            won.append(1)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    start.wait()
    was_taken = ticket.revoke()
    for thread in threads:
        thread.join()
    assert len(won) == was_taken
