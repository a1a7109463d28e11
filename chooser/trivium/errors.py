"""The one kind of error a user can mend: a sentence that says what is wrong and what to do."""

LONGEST_QUOTE = 60  # characters


class UserError(Exception):
    """Bad input. The command prints the sentence and exits with 2; nothing has been written."""


def shown(value: object) -> str:
    """Return a value as a sentence may quote it: on one line, and not too long."""
    text = repr(value)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"
