"""Says plainly if the search of codes could not be compiled."""

from __future__ import annotations

import sys

from witnessmark.match.index.engine import names

if names() == ("numpy",):
    print(
        "The search of codes was not compiled: there is no C compiler, or no Python.h (python3-dev).\n"
        "  numpy does the same, about a thousand times slower. To have it compiled, install both, then\n"
        "  uv sync --frozen --all-extras --reinstall-package witnessmark",
        file=sys.stderr,
    )
