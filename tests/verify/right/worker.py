"""A CPU worker: a process of its own that reads amounts of work, one a line, and answers each with its result."""

import hashlib
import signal
import sys


def main() -> None:
    """Work until there is no more to read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service says when to end
    for line in sys.stdin:
        digest = b""
        for _ in range(int(line)):
            digest = hashlib.sha256(digest).digest()
        print(digest.hex(), flush=True)


if __name__ == "__main__":
    main()
