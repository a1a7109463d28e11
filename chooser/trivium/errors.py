"""The one kind of error a user can mend: a sentence that says what is wrong and what to do."""


class UserError(Exception):
    """Bad input. The command prints the sentence and exits with 2; nothing has been written."""
