"""The cursor of the order list: names the last order of a page, so that a page is stable while orders are inserted."""

import base64
import re
from typing import NamedTuple, Self

_FORM = re.compile(
    r"(?P<created_at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) "
    r"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    re.ASCII,
)


class Cursor(NamedTuple):
    """The place after one order in the list, newest first."""

    created_at: str
    id: str

    def encode(self) -> str:
        """Return the text that clients hand back; to them it is opaque."""
        return base64.urlsafe_b64encode(" ".join(self).encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return the cursor that a client handed back. Raises ValueError for any other text."""
        padded = text + "=" * (-len(text) % 4)
        try:
            plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        except ValueError:
            plain = ""
        match = _FORM.fullmatch(plain)
        if not match:
            raise ValueError("is not a cursor of this list")
        return cls(**match.groupdict())
