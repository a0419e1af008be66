"""Settings of the tests of statistics."""

from __future__ import annotations

from hypothesis import settings

# time is measured in benchmarks/, never in tests
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
