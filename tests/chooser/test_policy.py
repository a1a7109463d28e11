"""An organisation's policy: what it may say, what it changes, and that the change is always told."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from project import ROOT
from strategies import CHOICES, answers
from trivium import cli, model, policy, policy_schema
from trivium.errors import UserError
from trivium.recommendation import recommend

EXAMPLE = ROOT / "examples" / "policy.yml"
POLICY = {
    "message": "Go or Java.",
    "standard": "https://example.com/standard",
    "allowed_languages": {"any": ["go", "java"], "ml_inference": ["python"]},
    "weights": {"traffic": 2},
    "fixed": {"compliance": "regulated"},
    "defaults": {"team_size": "large"},
    "required": ["kubernetes_operator"],
}

policies = st.fixed_dictionaries(
    {},
    optional={
        "allowed_languages": st.dictionaries(
            st.sampled_from(["any", *CHOICES["workload"]]),
            st.lists(st.sampled_from(["python", "go", "java"]), min_size=1, unique=True),
        ),
        "weights": st.dictionaries(st.sampled_from(list(CHOICES)), st.sampled_from([0, 0.5, 2, 3])),
        "fixed": st.fixed_dictionaries({}, optional={"traffic": st.sampled_from(CHOICES["traffic"])}),
    },
)


def under(rules: dict[str, Any], given_answers: dict[str, Any]) -> dict[str, Any]:
    return policy.lay_over(policy.check(rules, "here"), given_answers)


def test_every_part_has_its_effect_and_is_told() -> None:
    result = recommend(under({**POLICY, "required": []}, {"traffic": "high"}))
    assert [constraint.id for constraint in result.constraints] == ["policy: allowed_languages"]
    assert result.recommended in ("go", "java")
    reasons = {
        reason.criterion: reason for rank in result.ranking if rank.language == "java" for reason in rank.reasons
    }
    assert reasons["traffic"].points == 2 * 3
    assert reasons["compliance"].answer == "regulated"
    assert reasons["team_size"].answer == "large"
    told = result.policy
    assert told is not None
    assert (told["message"], told["standard"]) == (POLICY["message"], POLICY["standard"])
    assert len(told["changes"]) == 5


def test_a_required_property_excludes_the_languages_without_it() -> None:
    result = recommend(under({"required": ["static_binary"]}, {}))
    assert result.recommended == "go"
    assert result.constraints[0].id == "policy: required: static_binary"


def test_languages_are_allowed_by_workload() -> None:
    assert recommend(under(POLICY | {"required": []}, {"workload": "ml_inference"})).recommended == "python"


def test_an_answer_against_a_fixed_one_is_refused() -> None:
    with pytest.raises(UserError, match="compliance is fixed at regulated by the policy; got none"):
        under(POLICY, {"compliance": "none"})


def test_a_given_answer_overrules_a_default() -> None:
    assert under(POLICY, {"team_size": "small"})["team_size"] == "small"


@given(policies, answers)
@settings(deadline=None, max_examples=3)
def test_changes_hold_under_any_policy(rules: dict[str, Any], given_answers: dict[str, Any]) -> None:
    given_answers = {**given_answers, **rules.get("fixed", {})}
    effective = under(rules, given_answers)
    result = recommend(effective)
    fixed = set(rules.get("fixed", {}))
    for change in [*result.flips, *result.growth]:
        assert not fixed & set(change.changes)
        assert recommend(effective | dict(change.changes)).recommended == change.recommended
    assert all(0 <= rank.score <= 100 for rank in result.ranking)


BAD = {
    "unknown field": ({"allow": ["go"]}, "allow"),
    "unknown language": ({"allowed_languages": {"any": ["rust"]}}, "allowed_languages.any.0"),
    "unknown workload": ({"allowed_languages": {"gaming": ["go"]}}, "allowed_languages"),
    "no language": ({"allowed_languages": {"any": []}}, "allowed_languages.any"),
    "unknown criterion": ({"weights": {"fun": 1}}, "weights"),
    "weight too large": ({"weights": {"traffic": 9}}, "weights.traffic"),
    "weight is text": ({"weights": {"traffic": "much"}}, "weights.traffic"),
    "unknown answer": ({"fixed": {"traffic": "huge"}}, "fixed.traffic"),
    "unknown need": ({"required": ["cobol"]}, "required.0"),
    "no link": ({"standard": "see the wiki"}, "standard"),
    "fixed and default": ({"fixed": {"traffic": "low"}, "defaults": {"traffic": "high"}}, "traffic"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_policy_is_one_sentence(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules, field = BAD[case]
    path = tmp_path / "policy.yml"
    path.write_text(json.dumps(rules), encoding="utf-8")
    assert cli.main(["policy", "check", str(path)]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert field in message
    assert cli.main(["new", str(tmp_path / "x"), "--yes", "--policy", str(path)]) == 2
    assert list(tmp_path.iterdir()) == [path]


@given(st.dictionaries(st.text() | st.sampled_from(list(POLICY)), st.recursive(st.none() | st.text(), st.lists)))
@settings(deadline=None, max_examples=30)
def test_no_policy_ends_in_a_traceback(content: dict[str, Any]) -> None:
    with suppress(UserError):
        assert policy.check(content, "here") == content


def test_malformed_yaml_is_named_by_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "policy.yml"
    path.write_text("weights: {traffic: 2\nfixed: x", encoding="utf-8")
    with pytest.raises(UserError, match=r"line \d+, column \d+"):
        policy.read(str(path))


def test_a_policy_that_leaves_no_language_says_which_rules_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.yml"
    path.write_text("allowed_languages: {any: [go]}", encoding="utf-8")
    assert cli.main(["recommend", "--policy", str(path), "--set", "must_have=spring"]) == 2
    message = capsys.readouterr().err
    assert "policy: allowed_languages" in message
    assert "must_have: spring" in message


class TestPlaces:
    """Where a policy comes from."""

    @pytest.fixture
    def url(self) -> Iterator[str]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/policy.yml" else 404)
                self.end_headers()
                self.wfile.write(EXAMPLE.read_bytes())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()

    def test_a_file_and_a_url_say_the_same(self, url: str) -> None:
        assert policy.read(f"{url}/policy.yml") == policy.read(str(EXAMPLE))

    def test_a_url_that_does_not_answer_is_one_sentence(self, url: str) -> None:
        for place in (f"{url}/nowhere", "http://127.0.0.1:9/policy.yml", "http://"):
            with pytest.raises(UserError, match="does not answer"):
                policy.read(place)

    def test_a_missing_file_is_one_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="cannot be read"):
            policy.read(str(tmp_path / "policy.yml"))

    def test_the_order_of_places(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.delenv(policy.VARIABLE, raising=False)
        assert policy.find(None) == {}
        for name in ("own", "variable", "given"):
            (tmp_path / f"{name}.yml").write_text(f"message: {name}", encoding="utf-8")
        (tmp_path / "trivium").mkdir()
        (tmp_path / "own.yml").rename(tmp_path / "trivium" / "policy.yml")
        assert policy.find(None) == {"message": "own"}
        monkeypatch.setenv(policy.VARIABLE, str(tmp_path / "variable.yml"))
        assert policy.find(None) == {"message": "variable"}
        assert policy.find(str(tmp_path / "given.yml")) == {"message": "given"}


def test_the_schema_is_valid_and_knows_every_criterion(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["policy", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    assert schema == policy_schema.schema()
    assert set(schema["properties"]["weights"]["properties"]) == set(model.load().criteria)


def test_a_rendered_service_keeps_the_policy_it_was_rendered_under(tmp_path: Path) -> None:
    target = tmp_path / "x"
    assert cli.main(["new", str(target), "--yes", "--language", "go", "--policy", str(EXAMPLE)]) == 0
    record = (target / "docs" / "adr" / "0001-language.md").read_text(encoding="utf-8")
    for told in ("Go or Java", "https://example.com/engineering/languages", "It fixes compliance: regulated."):
        assert told in record
    assert cli.main(["recommend", "--answers", str(target / ".copier-answers.yml"), "--set", "compliance=none"]) == 2
