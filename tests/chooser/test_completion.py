"""Shell completion: the script works in a real shell, knows every word, and costs nothing otherwise."""

import sys
from pathlib import Path
from subprocess import run

import pytest

from project import BIN
from trivium import cli, presets

COMPLETE = """\
source "$1"; shift
COMP_WORDS=(trivium "$@"); COMP_CWORD=$#
_shtab_trivium
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the script for bash."""
    path = tmp_path_factory.mktemp("completion") / "trivium.bash"
    done = run([BIN / "trivium", "--print-completion", "bash"], check=True, capture_output=True, text=True, timeout=60)
    path.write_text(done.stdout, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["rec"], {"recommend"}),
        (["new", "--lang"], {"--language"}),
        (["new", "--language", ""], {"auto", "python", "go", "java"}),
        (["recommend", "--preset", ""], set(presets.load())),
        (["recommend", "--preset", "p"], {"payments"}),
        (["recommend", "--answers", "an"], {"answers.yml"}),
        (["recommend", "--from", "or"], {"orders"}),
        (["--print-completion", ""], {"bash", "zsh", "tcsh"}),
    ],
)
def test_bash_completes(typed: list[str], offered: set[str], script: Path, tmp_path: Path) -> None:
    (tmp_path / "answers.yml").touch()
    (tmp_path / "orders").mkdir()
    command = ["bash", "-c", COMPLETE, "bash", str(script), *typed]
    done = run(command, check=True, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_each_script_knows_the_words(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--print-completion", shell])
    assert end.value.code in (0, None)
    text = capsys.readouterr().out
    for word in ("recommend", "presets", "hackathon", "answers"):
        assert word in text


def test_another_shell_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--print-completion", "cmd"]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "bash" in message


def test_it_is_not_loaded_for_anything_else() -> None:
    code = "import sys; from trivium import cli; cli.main(['presets']); sys.exit('shtab' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False, capture_output=True, timeout=60).returncode == 0
