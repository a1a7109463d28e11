"""`python -m trivium`: the same command without its script."""

import sys

from .cli import main

sys.exit(main())
