"""What is true of every rendered tree, whatever its language: the same by both front ends, whole, and clean."""

import filecmp
import re
import subprocess
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from project import BIN, ROOT, Render
from services.running import make

LANGUAGES = ["python", "go", "java"]
COMMON = [
    "README.md",
    "Makefile",
    "Dockerfile",
    ".dockerignore",
    ".gitignore",
    ".editorconfig",
    ".pre-commit-config.yaml",
    ".copier-answers.yml",
    "api/openapi.yaml",
    "docs/adr/0001-language.md",
    "docs/slo.md",
    "deploy/prometheus/rules.yml",
    "deploy/grafana/dashboard.json",
    "scripts/config-table.sh",
    "slo.yaml",
    "verify.yml",
]
RECORD = "docs/adr/0001-language.md"
LOCKS = {"go.sum", "uv.lock"}
# Tables and lists, not code.
LONG = {"openapi.yaml", "vectors.yml", "pyproject.toml", "pom.xml", "rules.yml", "dashboard.json"}
SUPPRESSIONS = re.compile(
    r"# noqa|# type: ignore|# pyright: ignore|//\s*nolint|@SuppressWarnings|NOSONAR|@Disabled|t\.Skip\("
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE = re.compile(r"(?<![\w.$}])/(root|work|home/\w+|tmp/bash_jobs)/")
REGISTRY = re.compile(r"pypi\.org|pythonhosted\.org|proxy\.golang\.org|sum\.golang\.org|repo\d?\.maven|registry\.npmjs")
AWKWARD = "Quotes \" ' \\ <tags> & {{ braces }} % # $HOME `x` é 漢 🙂: the end"


@pytest.fixture(scope="session")
def rendered(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Render a service of each language at most once."""

    @cache
    def of(language: str) -> Path:
        return render(tmp_path_factory.mktemp(language) / "orders", language)

    return of


@pytest.fixture(params=LANGUAGES)
def tree(request: pytest.FixtureRequest, rendered: Callable[[str], Path]) -> Path:
    """Go through the languages."""
    return rendered(request.param)


def files(tree: Path) -> list[Path]:
    return sorted(path for path in tree.rglob("*") if path.is_file())


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def copy_plainly(destination: Path, data: dict[str, Any]) -> None:
    answers = destination.parent / "data.yml"
    answers.write_text(yaml.safe_dump(data), encoding="utf-8")
    command = [str(BIN / "copier"), "copy", "--vcs-ref", "HEAD", "--defaults", "--quiet", "--data-file", str(answers)]
    subprocess.run([*command, str(ROOT), str(destination)], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("name", ["forecast-service", "edge-gateway", "claims-backend"])
def test_copier_and_chooser_render_the_same_bytes(name: str, trivium: Any, tmp_path: Path) -> None:
    answers = ROOT / "examples" / "answers" / f"{name}.yml"
    by_chooser, by_copier = tmp_path / "chooser" / name, tmp_path / "copier" / name
    by_copier.parent.mkdir()
    assert trivium("new", by_chooser, "--yes", "--answers", answers).returncode == 0
    copy_plainly(by_copier, yaml.safe_load(answers.read_text(encoding="utf-8")))
    names = [path.relative_to(by_copier) for path in files(by_copier)]
    assert names == [path.relative_to(by_chooser) for path in files(by_chooser)]
    same, different, unreadable = filecmp.cmpfiles(by_copier, by_chooser, map(str, names), shallow=False)
    assert not unreadable
    assert set(different) <= {".copier-answers.yml", RECORD}
    assert recorded(by_copier) == recorded(by_chooser)
    assert without_commit(by_copier / RECORD) == without_commit(by_chooser / RECORD)
    assert len(same) > 20


def without_commit(record: Path) -> list[str]:
    """Return the record's lines but the template's commit, which is new for every render of an uncommitted template."""
    return [line for line in text_of(record).splitlines() if not line.startswith("- Template: ")]


def recorded(tree: Path) -> dict[str, Any]:
    """Return the answers without their origin, which may differ as may the commit of an uncommitted template."""
    content = yaml.safe_load(text_of(tree / ".copier-answers.yml"))
    return {key: value for key, value in content.items() if key not in ("_src_path", "_commit")}


def test_common_rooms_are_there(tree: Path) -> None:
    for name in COMMON:
        assert (tree / name).is_file(), name


def test_all_languages_share_their_common_files(rendered: Callable[[str], Path]) -> None:
    for name in ("api/openapi.yaml", ".editorconfig", ".pre-commit-config.yaml"):
        assert len({text_of(rendered(language) / name) for language in LANGUAGES}) == 1, name


def test_no_leftovers(tree: Path) -> None:
    for path in files(tree):
        assert path.suffix != ".jinja"
        text = text_of(path)
        for pattern in (SUPPRESSIONS, UNFINISHED, MACHINE, REGISTRY):
            if path.name not in {*LOCKS, ".copier-answers.yml"}:  # which names where the template was
                found = pattern.search(text)
                assert not found, f"{path.relative_to(tree)}: {found and found.group()}"
        assert text.endswith("\n") or not text, path
        assert not text.endswith("\n\n"), path


def test_no_file_is_long(tree: Path) -> None:
    for path in files(tree):
        generated = path.name in LOCKS or path.name in LONG or "gen" in path.name
        if path.suffix not in (".md", ".mod") and not generated:
            assert text_of(path).count("\n") <= 250, path.relative_to(tree)


def test_the_same_verbs_in_every_language(tree: Path) -> None:
    shown = make(tree).stdout
    verbs = set(re.findall(r"^make ([\w-]+)", shown.replace("  make", "make"), re.MULTILINE))
    running = {"setup", "run", "dev", "migrate", "image"}
    assert verbs == running | {"help", "format", "lint", "test", "load", "profile", "slo", "verify", "contract-diff"}
    told = set(re.findall(r"^\| `make ([\w-]+)` \|", text_of(tree / "README.md"), re.MULTILINE))
    assert told == verbs - {"help"}
    assert len({line.index(line[20:].lstrip()[0], 20) for line in shown.splitlines()}) == 1  # one column of words


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_name_and_any_description_render(language: str, render: Render, tmp_path: Path) -> None:
    tree = render(tmp_path / "parcel-tracker", language, "--set", f"service_description={AWKWARD}")
    contract = yaml.safe_load(text_of(tree / "api" / "openapi.yaml"))
    assert (contract["info"]["title"], contract["info"]["summary"]) == ("parcel-tracker", AWKWARD)
    assert AWKWARD in text_of(tree / "README.md")
    if language == "python":
        assert tomllib.loads(text_of(tree / "pyproject.toml"))["project"]["description"] == AWKWARD


def test_the_dockerfile_is_clean(tree: Path) -> None:
    done = subprocess.run(
        [str(BIN / "hadolint"), "--failure-threshold", "info", "Dockerfile"], cwd=tree, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stdout.decode()


def test_the_pre_commit_configuration_is_valid(tree: Path) -> None:
    command = [str(BIN / "pre-commit"), "validate-config", ".pre-commit-config.yaml"]
    assert subprocess.run(command, cwd=tree, check=False).returncode == 0


def test_a_difference_shows_what_an_answer_changes_and_writes_nothing(trivium: Any, tmp_path: Path) -> None:
    target = tmp_path / "orders"
    done = trivium("new", target, "--yes", "--language", "go", "--diff", "latency=tight_tail")
    assert done.returncode == 0, done.stderr
    assert "+++ after/internal/platform/defaults.go" in done.stdout
    assert "+latency: tight_tail" in done.stdout
    assert not list(tmp_path.iterdir())


SAMPLES = re.compile(r"\b(orders|quotes|simulations)\b|xorshift|APP_SUPPLIER|[cC]reateOrder|OrderItem|MonteCarlo")
SPEAKS_OF_SAMPLES = {"docs/adr/0001-language.md", ".copier-answers.yml"}  # criteria and answers may name anything


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_samples_nothing_of_them_is_left(language: str, render: Render, tmp_path: Path) -> None:
    tree = render(tmp_path / "parcels", language, "--set", "example=none")
    left = [
        f"{name}: {found.group()}"
        for path in files(tree)
        if (name := str(path.relative_to(tree))) not in SPEAKS_OF_SAMPLES and path.name not in LOCKS
        if (found := SAMPLES.search(name) or SAMPLES.search(text_of(path)))
    ]
    assert not left


def test_the_key_table_is_one_in_all_languages(rendered: Callable[[str], Path]) -> None:
    tables = {
        re.search("<!-- configuration.*?/configuration -->", text_of(rendered(one) / "README.md"), re.DOTALL)
        for one in LANGUAGES
    }
    assert len({found.group() for found in tables if found}) == 1
