"""The machine in words, as it stands beside every figure."""

import os
import platform
import re
import subprocess
from collections.abc import Sequence

from . import build


def described(languages: Sequence[str], postgres: str) -> str:
    """Return its cores, its system, and the versions of what the contenders run on."""
    said = [f"{os.cpu_count()} cores", f"{platform.system()} {platform.machine()}"]
    commands = {
        "python": [str(build.folder_of("python", "ours") / ".venv" / "bin" / "python"), "--version"],
        "go": ["go", "version", str(build.folder_of("go", "ours") / "bin" / build.NAME)],
        "java": ["java", "-version"],
    }
    if "java" in languages:
        commands["java"][0] = f"{build.java_home()}/bin/java"
    for language in languages:
        done = subprocess.run(commands[language], capture_output=True, text=True, check=False)
        number = re.search(r"\d+\.\d+[.\d]*", done.stdout + done.stderr)
        said.append(f"{language.capitalize()} {number.group() if number else 'of unknown version'}")
    said.append(f"PostgreSQL {postgres} with durable commits")
    return ", ".join(said)
