"""A service shows the database it was asked for and no trace of another: in code, dependencies, scripts, documents."""

import re
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import yaml

from project import BIN, Render

LANGUAGES = ["python", "go", "java"]
ANY_DATABASE = (
    r"databas|sqlite|postgres|migrat|\bsql\b|idempoten|outbox|webhook|alembic|goose|flyway|hikari|pgx|psycopg|jdbc"
)
ELSEWHERE = {
    "none": re.compile(ANY_DATABASE, re.IGNORECASE),
    "sqlite": re.compile(r"postgres|pgx|psycopg", re.IGNORECASE),
    "postgres": re.compile(r"sqlite", re.IGNORECASE),
}
# What says why the language was chosen may speak of databases in general; answers repeat what was asked.
REASONS = {"0001-language.md", ".copier-answers.yml", "go.sum"}
ORDERS = re.compile(r"/v1/orders|order_items|\bOrderStore\b|orders of", re.IGNORECASE)

Rendered = Callable[[str, str, str], Path]


@pytest.fixture(scope="session")
def rendered(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Render each combination at most once, under a name that is no word of the searches."""

    @cache
    def of(language: str, database: str, example: str) -> Path:
        answers = ["--set", f"database={database}", "--set", f"example={example}"]
        return render(tmp_path_factory.mktemp(f"{language}-{database}-{example}") / "parcels", language, *answers)

    return of


@pytest.fixture(params=["full", "none"])
def example(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def traces(tree: Path, pattern: re.Pattern[str]) -> list[str]:
    """Return the lines and the paths that the pattern is found in."""
    found = []
    for path in sorted(path for path in tree.rglob("*") if path.is_file() and path.name not in REASONS):
        name = str(path.relative_to(tree))
        if pattern.search(name):
            found.append(name)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("database", list(ELSEWHERE))
def test_no_trace_of_another_database(rendered: Rendered, language: str, database: str, example: str) -> None:
    assert traces(rendered(language, database, example), ELSEWHERE[database]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_database_there_are_no_orders(rendered: Rendered, language: str) -> None:
    assert traces(rendered(language, "none", "full"), ORDERS) == []
    assert traces(rendered(language, "none", "full"), re.compile("/v1/quotes"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_an_empty_service_keeps_the_tables_of_the_platform(rendered: Rendered, language: str, database: str) -> None:
    tree = rendered(language, database, "none")
    for table in ("schema_compatibility", "idempotency_keys", "outbox"):
        assert traces(tree, re.compile(rf"CREATE TABLE {table}\b")), table
    assert traces(tree, re.compile("CREATE TABLE orders")) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("database", list(ELSEWHERE))
def test_the_compose_file_is_whole(rendered: Rendered, language: str, database: str) -> None:
    text = (rendered(language, database, "full") / "compose.yaml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]
    assert (
        set(services)
        == {
            "none": {"parcels"},
            "sqlite": {"parcels", "migrate"},
            "postgres": {"parcels", "migrate", "database"},
        }[database]
    )
    if database != "none":
        assert services["parcels"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_scripts_are_clean(rendered: Rendered, language: str) -> None:
    scripts = sorted((rendered(language, "postgres", "full") / "scripts").glob("*.sh"))
    assert "postgres.sh" in {script.name for script in scripts}
    done = subprocess.run([str(BIN / "shellcheck"), *map(str, scripts)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_server_of_ones_own_names_what_is_wrong(rendered: Rendered) -> None:
    script = rendered("go", "postgres", "full") / "scripts" / "postgres.sh"
    done = subprocess.run([str(script)], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "postgres.sh: say where the data shall be: -D FOLDER\n")
