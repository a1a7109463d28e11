"""A stand-in for cookiecutter-django with its option use_async: settings and views in one file.

Settings come from django-environ as in the skeleton's production settings; the views are written as Django's
documentation of asynchronous views shows them. The skeleton has no health route.
"""

import asyncio
import json

import environ
import httpx
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

env = environ.Env()
settings.configure(
    SECRET_KEY=env("DJANGO_SECRET_KEY"),
    ALLOWED_HOSTS=env.list("DJANGO_ALLOWED_HOSTS"),
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    CONN_MAX_AGE=env.int("CONN_MAX_AGE", default=60),
    UPSTREAM_URL=env("UPSTREAM_URL"),
)


async def hello(_: HttpRequest) -> JsonResponse:
    """Be trivial."""
    return JsonResponse({"message": "Hello World"})


async def delay(_: HttpRequest, seconds: str) -> JsonResponse:
    """Take a while."""
    await asyncio.sleep(float(seconds))
    return JsonResponse({"slept": seconds})


@csrf_exempt
async def upload(request: HttpRequest) -> JsonResponse:
    """Take a body."""
    return JsonResponse({"name": json.loads(request.body)["name"]})


async def outbound(_: HttpRequest) -> JsonResponse:
    """Ask the upstream."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(settings.UPSTREAM_URL)
        answer.raise_for_status()
        return JsonResponse(answer.json())


urlpatterns = [path("", hello), path("delay/<seconds>", delay), path("upload", upload), path("outbound", outbound)]
application = get_asgi_application()
