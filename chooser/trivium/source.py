"""Where the templates and the decision model stand: the checkout this package was installed from."""

from pathlib import Path

from .errors import UserError


def root() -> Path:
    """Return the folder that holds `copier.yml`, the templates and `chooser/criteria.yml`.

    Raises UserError when the package stands without them.
    """
    folder = Path(__file__).resolve().parents[2]
    if not (folder / "copier.yml").is_file():
        raise UserError(
            f"The templates are missing in {folder}; install Trivium from a checkout of its repository (make setup)."
        )
    return folder
