"""The physical reference: nginx, which returns the bytes that a service returns and does nothing else."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from bench.data import measure
from bench.peers.fetch import UnavailableError

NAME = "nginx"
ITS_OWN = {"server", "date", "connection", "content-length", "content-type", "transfer-encoding"}
CONFIGURATION = """\
daemon off;
worker_processes auto;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
{places}
  }}
}}
"""


def installed() -> str:
    """Return where nginx is. Raises UnavailableError."""
    if (program := shutil.which(NAME)) is None:
        raise UnavailableError(
            "no reference", "nginx is not installed; it is what the services are set beside: get it from your packages."
        )
    return program


@contextmanager
def running(base: str, paths: list[str], folder: Path) -> Iterator[measure.Service]:
    """Run it with what the service at `base` answers to these paths. Raises UnavailableError."""
    port, _ = measure.free_ports()
    places = "\n".join(place(path, httpx.get(base + path)) for path in paths)
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, port=port, places=places), encoding="utf-8")
    words = [installed(), "-p", str(folder), "-e", "stderr", "-c", str(file)]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        service = measure.Service(NAME, process, f"http://127.0.0.1:{port}")
        service.await_answer(paths[0])
        yield service
    finally:
        measure.stop(process)


def place(path: str, answer: httpx.Response) -> str:
    """Return how nginx is told to give this answer. Raises UnavailableError where it cannot be."""
    heads = {name: value for name, value in answer.headers.items() if name not in ITS_OWN}
    lines = [f"default_type {_quoted(answer.headers['content-type'])};"]
    lines += [f"add_header {name} {_quoted(value)};" for name, value in heads.items()]
    lines.append(f"return {answer.status_code} {_quoted(answer.text)};")
    return f"    location = {path} {{ {' '.join(lines)} }}"


def _quoted(text: str) -> str:
    """Return it as nginx reads it. Raises UnavailableError where it would be taken for a variable."""
    if "$" in text:
        raise UnavailableError("no reference", f"nginx cannot be told to return a $, and there is one in {text}")
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def shares(found: Mapping[str, float]) -> dict[str, float]:
    """Return a figure of each service as a share of nginx's."""
    return {who: value / found[NAME] for who, value in found.items() if who != NAME}
