"""The folder to render into: checked before anything is asked or written."""

from pathlib import Path

from . import source
from .errors import UserError


def check(destination: Path) -> Path:
    """Return the absolute path of a folder that does not exist or is empty. Raises UserError."""
    path = Path.cwd() / destination.expanduser()
    path = path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise UserError(f"The destination exists and is not a folder; choose another: {path}")
    try:
        occupied = path.is_dir() and any(path.iterdir())
    except OSError as error:
        raise UserError(f"The destination cannot be read ({error.strerror}): {path}") from error
    if occupied:
        raise UserError(f"The destination is not empty; choose a folder that does not exist yet: {path}")
    if path.is_relative_to(source.root()):
        raise UserError(
            f"The destination lies inside Trivium's own checkout; choose one outside, such as ../orders: {path}"
        )
    return path
