"""What the tests of the suite share."""

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from verify.suite import Suite


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    # A short path, for the sockets of a server, and one that its user may pass through.
    with tempfile.TemporaryDirectory(prefix="suite-", ignore_cleanup_errors=True) as scratch:
        Path(scratch).chmod(0o711)
        made = Suite(tmp_path, uuid.uuid4().hex, Path(scratch))
        yield made
        made.sweep()
