"""What the image does beyond copying, done outside of one: no container engine is needed."""

import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from services.running import START_SECONDS, clean_environment
from trivium.verify.ports import reserved
from trivium.verify.wire import accepts


def test_java_starts_from_its_cache_of_classes(language: str, folder: Path, tmp_path: Path) -> None:
    """The cache that scripts/aot-cache.sh writes is one that the JVM takes; with AOTMode=on it would end otherwise."""
    if language != "java":
        pytest.skip("only Java's image has one")
    place = shutil.copytree(folder / "target" / "app", tmp_path / "app")
    java = subprocess.run(
        ["sh", folder / "scripts" / "java-home.sh", "25"], check=True, capture_output=True, text=True, timeout=60
    )
    program = f"{java.stdout.strip()}/bin/java"
    made = subprocess.run(
        ["sh", folder / "scripts" / "aot-cache.sh", program], cwd=place, env=clean_environment(), check=False,
        capture_output=True, text=True, timeout=START_SECONDS,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert not [path for path in place.iterdir() if path.name not in {"app.jar", "jvm.options", "lib", "app.aot"}]
    with reserved() as port:
        environment = {"APP_HOST": "127.0.0.1", "APP_PORT": str(port), "APP_ADMIN_PORT": "0"}
        environment["APP_DATABASE_URL"] = f"sqlite:///{tmp_path / 'orders.db'}"
        options = ["-XX:AOTMode=on", "-XX:AOTCache=app.aot", "@jvm.options", "-jar", "app.jar"]
        with subprocess.Popen([program, *options], cwd=place, env=clean_environment(environment)) as process:
            try:
                while process.poll() is None and not accepts(port):
                    time.sleep(0.05)
                assert httpx.get(f"http://127.0.0.1:{port}/livez").status_code == httpx.codes.OK
            finally:
                process.terminate()
            assert process.wait(START_SECONDS) == 0
