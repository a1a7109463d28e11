"""What tests must not leave behind, and must not do: a task that goes on, an event loop that is held up."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

# Wide, since on a busy machine every callback takes its time.
HELD_UP_SECONDS = 1.0


@asynccontextmanager
async def no_task_is_left() -> AsyncGenerator[None]:
    """Fail when a task goes on."""
    yield
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, f"left behind: {left}"


@contextmanager
def no_callback_is_slow() -> Generator[None]:
    """Fail when something holds up the running event loop, as asyncio's debug mode tells."""
    loop = asyncio.get_running_loop()
    assert loop.get_debug()
    loop.slow_callback_duration = HELD_UP_SECONDS
    told = _Told()
    logging.getLogger("asyncio").addHandler(told)
    try:
        yield
    finally:
        logging.getLogger("asyncio").removeHandler(told)
    assert not told.slow, told.slow


class _Told(logging.Handler):
    """Keeps what asyncio says about slow callbacks."""

    def __init__(self) -> None:
        super().__init__()
        self.slow = list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith("Executing"):
            self.slow.append(record.getMessage())
