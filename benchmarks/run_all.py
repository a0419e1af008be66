"""Run every benchmark: `make bench`."""

from __future__ import annotations

import draft_seeds
import interval_coverage
import model_speed
import mri_accuracy
import mri_bias
import mri_speed
import paper_checks
import paper_rebuild
import table1
import whole_commands

if __name__ == "__main__":
    whole_commands.main()
    table1.main()
    draft_seeds.main()
    paper_rebuild.main()
    paper_checks.main()
    model_speed.main()
    mri_accuracy.main()
    mri_bias.main()
    mri_speed.main()
    interval_coverage.main(picture=None)
