"""The one kind of error that the command line shows as a single line."""


class UserError(Exception):
    """Something the user can mend; the message is one line that says what to do."""
