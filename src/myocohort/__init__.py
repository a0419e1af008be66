"""Myocohort: a workbench for clinical studies of treatment-refractory myositis."""

from importlib.metadata import version

__version__ = version("myocohort")
