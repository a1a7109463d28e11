"""A secret that may come from a file, and is read again when that changes: rotation needs no restart."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from .config_values import Secret, fresh_secret
from .logs import log

LOOK_SECONDS: Final = 0.5


class SecretFile:
    """The present text of one secret."""

    def __init__(self, secret: Secret, key: str, env: str, fresh: Callable[[str, str], Secret] = fresh_secret) -> None:
        """Begin with what was configured by `key`; what replaces it has to be as good as `env` demands of it."""
        self.text = secret.text
        self._path = Path(secret.path) if secret.path else None
        self._key = key
        self._env = env
        self._fresh = fresh

    async def watch(self) -> None:
        """Keep up with the file, if there is one. The last good text stays while there is no other."""
        told = False
        while self._path:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                text = await asyncio.to_thread(self._path.read_text, encoding="utf-8")
                self.text = self._fresh(text.strip(), self._env).text
                told = False
            except (OSError, ValueError):
                if not told:
                    log.warning("a secret cannot be read again; the last one stays", extra={"key": f"{self._key}_FILE"})
                told = True
