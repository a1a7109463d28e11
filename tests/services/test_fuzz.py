"""Some thousand generated requests: no 5xx, no answer that the contract does not have. Opt-in, it takes minutes."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from project import BIN, ROOT
from services.conftest import Start
from services.running import clean_environment
from trivium.verify.upstream import Upstream

pytestmark = pytest.mark.skipif("TRIVIUM_SLOW" not in os.environ, reason="make test-slow ONLY=fuzz")

FOR_EACH_OPERATION = 250
LEAST = 2000
CONFIGURATION = ROOT / "tests" / "fuzz"


def test_no_generated_request_gets_an_answer_that_the_contract_has_not(launch: Start, tmp_path: Path) -> None:
    supplier = Upstream('{"unit_price_cents": 1250}')
    environment = {
        "APP_DATABASE_URL": f"sqlite:///{tmp_path / 'orders.db'}",
        "APP_SUPPLIER_URLS": supplier.url,
        "APP_REQUEST_TIMEOUT_SECONDS": "60",
    }
    service = launch(environment).wait_until_ready()
    tool = [str(BIN / "uv"), "run", "--quiet", "--system-certs", "--no-project", "--isolated"]
    locked = ["--with-requirements", str(ROOT / "requirements" / "fuzz.txt")]
    command = ["st", "--config-file", "schemathesis.toml", "run", f"{service.public}/openapi.json", "--checks", "all"]
    done = subprocess.run(
        [*tool, *locked, *command, "--max-examples", str(FOR_EACH_OPERATION)],
        cwd=CONFIGURATION,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=1200,
    )
    supplier.close()
    print(done.stdout)
    assert done.returncode == 0
    generated = re.search(r"(\d+) generated", done.stdout)
    assert generated
    assert int(generated[1]) >= LEAST
    assert service.stop() == 0
