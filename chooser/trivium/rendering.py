"""recommendation → a service on disk: calls Copier, all or nothing."""

import shutil
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import source
from .errors import UserError


def render(destination: Path, data: Mapping[str, Any]) -> list[str]:
    """Render the service that `data` describes into `destination`; return remarks worth showing.

    It is rendered beside the destination and moved there when it is whole, so that an error, a full disk or Ctrl-C
    leaves nothing behind. Raises UserError when the folder cannot be written.
    """
    made = _make_parents(destination.parent)
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{destination.name}.", dir=destination.parent))
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                _copy(staging / destination.name, data)
            (staging / destination.name).replace(destination)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        _remove(made)
        raise UserError(f"The service cannot be written to {destination}: {error.strerror or error}.") from error
    except BaseException:
        _remove(made)
        raise
    return _remarks(caught)


def _copy(destination: Path, data: Mapping[str, Any]) -> None:
    import copier  # lazily: it takes as long to load as everything before the first prompt

    template = source.root()
    in_git = (template / ".git").exists()
    copier.run_copy(
        str(template),
        destination,
        data=dict(data),
        defaults=True,
        quiet=True,
        # The chooser's own criteria and the templates must be of one version: that of this checkout.
        vcs_ref="HEAD" if in_git else None,
    )


def _remarks(caught: list[warnings.WarningMessage]) -> list[str]:
    if any(type(warning.message).__name__ == "DirtyLocalWarning" for warning in caught):
        return ["Trivium's checkout has uncommitted changes; this service cannot be updated later from them."]
    return []


def _make_parents(folder: Path) -> list[Path]:
    """Make the missing folders above the destination; return them, deepest first."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _remove(missing)
        raise UserError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    return missing


def _remove(folders: list[Path]) -> None:
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
