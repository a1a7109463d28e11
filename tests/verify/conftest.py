"""What the tests of the suite share."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from verify.suite import Suite


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    made = Suite(tmp_path, uuid.uuid4().hex)
    yield made
    made.sweep()
