"""The manifests of the distributed load test: what Kubernetes' own schemas say of them, and that they fit together."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from project import Render

LANGUAGES = ["python", "go", "java"]
VERSION = "1.33"  # Kubernetes
KINDS_WITH_PODS = {"Job", "Deployment"}
TEST_RUN = ("k6.io/v1alpha1", "TestRun")  # of k6-operator, whose schema is in no registry
MEMBERS_OF_A_TEST_RUN = {"parallelism", "script", "arguments", "runner", "initializer", "starter", "separate", "quiet",
                         "cleanup"}  # fmt: skip


@pytest.fixture(params=LANGUAGES)
def manifests(request: pytest.FixtureRequest, render: Render, tmp_path: Path) -> list[dict[str, Any]]:
    """Read all of a service's."""
    tree = render(tmp_path / "orders", request.param)
    files = sorted((tree / "deploy" / "load").glob("*.yaml"))
    assert files
    return [document for file in files for document in yaml.safe_load_all(file.read_text(encoding="utf-8"))]


def test_kubernetes_knows_every_member(manifests: list[dict[str, Any]]) -> None:
    for manifest in manifests:
        if (manifest["apiVersion"], manifest["kind"]) == TEST_RUN:
            assert set(manifest["spec"]) <= MEMBERS_OF_A_TEST_RUN
        else:
            kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_nothing_runs_with_more_rights_than_it_needs(manifests: list[dict[str, Any]]) -> None:
    pods = [manifest["spec"]["template"]["spec"] for manifest in manifests if manifest["kind"] in KINDS_WITH_PODS]
    pods += [manifest["spec"]["runner"] for manifest in manifests if manifest["kind"] == "TestRun"]
    assert pods
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod.get("containers", []):
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["resources"]["limits"]["memory"]
