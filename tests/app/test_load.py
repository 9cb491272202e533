"""A short load of ``python -m tests.helpers.load_test`` with few clients."""

from tests.helpers.load_test import Load


def test_mixed_clients_are_served(app):
    load = Load(app, clients=20, seconds=3)
    load.run()
    assert not load.faults
    # How many depends on the machine, but the first request of a client only on its number.
    assert load.outcomes.keys() >= {
        *((kind, "correct") for kind in ("good", "bad", "route", "route bad", "slow")),
        *((kind, "gone") for kind in ("aborted", "left")),
    }
