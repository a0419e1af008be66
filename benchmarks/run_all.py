"""Run every benchmark: `make bench`."""

from __future__ import annotations

import table1
import whole_commands

if __name__ == "__main__":
    whole_commands.main()
    table1.main()
