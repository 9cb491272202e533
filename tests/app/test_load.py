"""A short run of ``python -m tests.helpers.load_test`` with few clients."""

from tests.helpers.load_test import run


def test_mixed_clients_are_served_and_leave_nothing_behind():
    load, left = run(clients=20, seconds=4)
    assert not load.faults
    # How many depends on the machine, but every client sends each kind at least once.
    assert load.outcomes["good", "correct"] > 20
    assert load.outcomes["bad", "correct"] > 0
    assert load.outcomes["aborted", "gone"] > 0
    assert left["files"] == 0
