"""What a user did wrong is one line and exit status 2."""

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn a `ValueError` or `OSError` into one line on stderr and exit status 2."""
    try:
        yield
    except (ValueError, OSError) as error:
        print(f"rram_ode: error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
