"""`python -m myocohort` is the command `myocohort`."""

from myocohort.cli.main import run

run()
