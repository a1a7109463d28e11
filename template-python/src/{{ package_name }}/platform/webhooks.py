"""The publisher that comes with the service: signed webhooks, as Standard Webhooks (standardwebhooks.com) has them."""

import asyncio
import base64
import hashlib
import hmac
import time

import httpx2
from opentelemetry import propagate

from .config import Config
from .config_values import fresh_webhook_secret
from .outbound import Outbound
from .outbox import Event
from .relay import PublishError
from .secret_file import SecretFile


class Webhooks:
    """Sends each event to each of the configured URLs."""

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Send by the client of `outbound`, which also keeps up with the file of the secret."""
        self.destinations = config.webhook_urls
        self.seconds = config.webhook_timeout_seconds
        self._outbound = outbound
        self._secret = SecretFile(config.webhook_secret, "APP_WEBHOOK_SECRET", config.env, fresh_webhook_secret)
        outbound.secrets.append(self._secret)

    async def publish(self, event: Event) -> None:
        """Send an event once; any answer of 2xx says that it was taken, and redirects are not followed."""
        body = event.body.encode()
        headers = signed(event.event_id, int(time.time()), body, self._secret.text)
        headers["Content-Type"] = "application/json"
        propagate.inject(headers)
        request = self._outbound.client.stream("POST", event.destination, content=body, headers=headers)
        try:
            async with asyncio.timeout(self.seconds), request as response:
                status = response.status_code
        except TimeoutError:
            raise PublishError("timeout") from None
        except httpx2.HTTPError as error:
            raise PublishError(type(error).__name__) from None
        if not httpx2.codes.is_success(status):
            raise PublishError(f"status {status}")


def signed(identity: str, timestamp: int, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers of a webhook: what it is, when it was sent, and the signature over both and the body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{identity}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return {"webhook-id": identity, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{signature}"}
