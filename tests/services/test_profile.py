"""make profile shows where a service's time and memory go, and leaves nothing running."""

import re
from pathlib import Path

import psutil

from services.running import make


def test_it_draws_flame_graphs_and_ends(folder: Path) -> None:
    done = make(folder, "profile", "PROFILE=smoke")
    assert done.returncode == 0, done.stdout[-4000:]
    told = {folder / word for word in re.findall(r"\bprofile/[\w.-]+\w", done.stdout)}
    assert told, done.stdout[-4000:]
    assert all(path.stat().st_size for path in told)
    pages = [path for path in (folder / "profile").iterdir() if path.suffix in {".html", ".svg"}]
    assert set(pages) <= told
    assert len(pages) >= 2  # time, memory
    assert any("orders" in path.read_text(encoding="utf-8") for path in pages)  # its own code is in the picture
    left = [process for process in psutil.process_iter(["cwd"]) if process.info["cwd"] == str(folder)]
    assert not [process for process in left if "profile" in " ".join(process.cmdline())]
