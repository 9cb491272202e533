"""Stop the code under test as a killed process stops."""


class Interrupted(Exception):
    """Stands for a killed process: an exception that the code under test does not know."""


def always(*_):
    return True


def interrupt(patch, owner, name, when, exception=Interrupted):
    """Let a function raise at the call for which ``when(number, *arguments)`` is true."""
    original, calls = getattr(owner, name), []

    def interrupted(*arguments, **options):
        calls.append(name)
        if when(len(calls), *arguments):
            raise exception
        return original(*arguments, **options)

    patch.setattr(owner, name, interrupted)
