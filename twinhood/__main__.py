"""`python -m twinhood …` is the same program as `twinhood …`."""

import sys

from twinhood.cli import main

if __name__ == "__main__":
    sys.exit(main())
