"""The follower of docs/add-an-operation.md does what a page says, and notices a page that no longer fits."""

from pathlib import Path

import pytest

from services import page

PAGE = """# Add an operation

## 1. Say it

File: `new/a.txt`

```text
one
```

## 2. Wire it

File: `b.txt`
After: `first line`

```text
  second line
```

File: `b.txt`
Before: `last line`

```text
third line
```

```sh
make test
```
"""


def test_a_page_is_followed_to_the_letter(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("  first line\nlast line\n", encoding="utf-8")
    page.follow(PAGE, tmp_path)
    assert (tmp_path / "new" / "a.txt").read_text(encoding="utf-8") == "one\n"
    wanted = "  first line\n  second line\nthird line\nlast line\n"
    assert (tmp_path / "b.txt").read_text(encoding="utf-8") == wanted
    assert page.steps(PAGE) == 2


@pytest.mark.parametrize("there", ["", "another line\n"])
def test_a_line_that_is_not_there_is_told(tmp_path: Path, there: str) -> None:
    (tmp_path / "b.txt").write_text(there, encoding="utf-8")
    with pytest.raises(AssertionError, match=r"b\.txt has no line 'first line'"):
        page.follow(PAGE, tmp_path)


def test_a_new_file_replaces_none(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a.txt").touch()
    with pytest.raises(AssertionError, match=r"new/a\.txt is there already"):
        page.follow(PAGE, tmp_path)
