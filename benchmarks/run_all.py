"""Run every benchmark: `make bench`."""

from __future__ import annotations

import interval_coverage
import model_speed
import paper_rebuild
import table1
import whole_commands

if __name__ == "__main__":
    whole_commands.main()
    table1.main()
    paper_rebuild.main()
    model_speed.main()
    interval_coverage.main(picture=None)
