"""Tests that are coroutines."""

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor


def async_test(test):
    """Run an async test in a thread, since Playwright keeps an event loop running in this one."""

    @functools.wraps(test)
    def run(**fixtures):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, test(**fixtures)).result()

    return run
