"""The quota of a principal, where one is set."""

import re
from collections.abc import Iterator

import httpx
import pytest

from services.conftest import Start
from services.contract import check_problem
from services.running import Service

QUOTA = 3


@pytest.fixture(scope="module")
def limited(launch: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start a service with a small quota."""
    database = tmp_path_factory.mktemp("limited") / "orders.db"
    started = launch(
        {
            "APP_DATABASE_URL": f"sqlite:///{database}",
            "APP_RATE_LIMIT_REQUESTS": str(QUOTA),
            "APP_RATE_LIMIT_WINDOW_SECONDS": "3600",
        }
    ).wait_until_ready()
    yield started
    started.end()


def test_over_the_quota(limited: Service) -> None:
    with httpx.Client(base_url=limited.public) as client:
        within = [client.get("/v1/orders", headers={"X-Forwarded-For": f"10.0.0.{i}"}) for i in range(QUOTA)]
        assert [response.status_code for response in within] == [200] * QUOTA
        left = [re.fullmatch(r'"default";r=(\d+);t=\d+', response.headers["ratelimit"]) for response in within]
        assert [int(found[1]) for found in left if found] == [2, 1, 0]
        over = client.get("/v1/orders", headers={"X-Forwarded-For": "10.0.0.99"})
        problem = check_problem(over, 429, f"The quota of {QUOTA} requests in 3600 seconds is used up.")
        assert problem["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
        assert over.headers["ratelimit-policy"] == f'"default";q={QUOTA};w=3600'
        assert over.headers["ratelimit"].startswith('"default";r=0;t=')
        assert 1 <= int(over.headers["retry-after"]) <= 3600
        for path in ("/livez", "/readyz", "/openapi.json"):
            assert client.get(path).status_code == 200
        assert client.get("/nowhere").status_code == 404
    metrics = httpx.get(f"{limited.admin}/metrics").text
    assert re.search(r'^app_requests_shed_total\{.*reason="rate_limited".*\} 1(\.0)?$', metrics, re.MULTILINE)
    assert re.search(r"^app_rate_limiter_errors_total(\{.*\})? 0(\.0)?$", metrics, re.MULTILINE)


def test_without_a_quota_nothing_is_said_of_one(client: httpx.Client) -> None:
    assert not [name for name in client.get("/v1/orders").headers if name.lower().startswith("ratelimit")]
