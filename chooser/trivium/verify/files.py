"""YAML and JSON files that belong to the service under test."""

from pathlib import Path
from typing import Any

import yaml

from trivium.errors import UserError

from .service_file import ServiceFile


def read(service: ServiceFile, name: str) -> Any:
    """Return what a file of the service holds, plain data only. Raises UserError."""
    path = service.folder / Path(name)
    try:
        return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise UserError(f"{path}, which the service file names, cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path}, which the service file names, is not valid YAML: {error}.") from error
