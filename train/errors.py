"""The error that the command line shows as a single line."""


class UserError(Exception):
    """Something the user can fix; the message is one line that says what to do."""
