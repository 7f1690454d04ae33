"""`make simulate`."""

import sys

from tests.harness.simulation import main

if __name__ == "__main__":
    sys.exit(main())
