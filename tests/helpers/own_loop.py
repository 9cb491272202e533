"""Tests that are coroutines."""

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor


def own_loop(test):
    """Run an async test in its own thread, because a browser's driver keeps this one's loop."""

    @functools.wraps(test)
    def run(**fixtures):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, test(**fixtures)).result()

    return run
