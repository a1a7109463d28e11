"""An update never destroys work: the language is frozen, and a user's edits survive."""

import subprocess
from pathlib import Path

import pytest

from project import BIN, ROOT


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def update(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "copier"), "update", "--defaults", "--vcs-ref", "HEAD", *arguments]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=120)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Commit the template as it is now in a repository of its own."""
    folder = tmp_path / "template"
    folder.mkdir()
    names = ["copier.yml", "chooser", "common", "template-python", "template-go", "template-java"]
    for name in names:
        subprocess.run(["cp", "-r", str(ROOT / name), str(folder / name)], check=True)
    git(folder, "init")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "release")
    return folder


@pytest.fixture
def service(template: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "orders"
    command = [str(BIN / "copier"), "copy", "--vcs-ref", "HEAD", "--defaults", "--data", "language=go"]
    subprocess.run([*command, str(template), str(folder)], check=True, capture_output=True)
    git(folder, "init")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "rendered")
    return folder


def test_the_language_cannot_be_changed_by_an_update(service: Path) -> None:
    done = update(service, "--data", "language=python")
    assert done.returncode != 0
    assert "cannot be changed by an update" in done.stderr
    assert (service / "go.mod").is_file()


def test_the_database_cannot_be_changed_by_an_update(service: Path) -> None:
    done = update(service, "--data", "database=none")
    assert done.returncode != 0
    assert "cannot be changed by an update" in done.stderr


def test_an_update_brings_what_is_new_and_keeps_what_was_edited(template: Path, service: Path) -> None:
    readme = service / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8") + "\nOur own words.\n", encoding="utf-8")
    git(service, "commit", "-am", "edit")
    (template / "template-go" / "NEWS.md").write_text("New.\n", encoding="utf-8")
    git(template, "add", "-A")
    git(template, "commit", "-m", "next release")
    done = update(service)
    assert done.returncode == 0, done.stderr
    assert (service / "NEWS.md").is_file()
    assert readme.read_text(encoding="utf-8").endswith("Our own words.\n")


def test_the_answers_survive_an_update(template: Path, service: Path) -> None:
    before = (service / ".copier-answers.yml").read_text(encoding="utf-8")
    (template / "template-go" / "NEWS.md").write_text("New.\n", encoding="utf-8")
    git(template, "add", "-A")
    git(template, "commit", "-m", "next release")
    assert update(service).returncode == 0
    after = (service / ".copier-answers.yml").read_text(encoding="utf-8")
    assert [line for line in before.splitlines() if "_commit" not in line] == [
        line for line in after.splitlines() if "_commit" not in line
    ]


def test_the_platform_of_a_service_called_orders_is_renewed_and_its_domain_is_not(
    template: Path, tmp_path: Path
) -> None:
    """Its package is com.example.orders, its domain com.example.orders.orders."""
    folder = tmp_path / "java" / "orders"
    folder.parent.mkdir()
    command = [str(BIN / "copier"), "copy", "--vcs-ref", "HEAD", "--defaults", "--data", "language=java"]
    subprocess.run([*command, str(template), str(folder)], check=True, capture_output=True)
    git(folder, "init")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "rendered")
    for room in ("platform", "orders"):
        source = next((template / "template-java" / "src" / "main").rglob(f"{room}/package-info.java.jinja"))
        source.write_text("// New.\n" + source.read_text(encoding="utf-8"), encoding="utf-8")
    git(template, "commit", "-am", "next release")
    assert update(folder).returncode == 0
    root = folder / "src" / "main" / "java" / "com" / "example" / "orders"
    assert (root / "platform" / "package-info.java").read_text(encoding="utf-8").startswith("// New.")
    assert not (root / "orders" / "package-info.java").read_text(encoding="utf-8").startswith("// New.")
