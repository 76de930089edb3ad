"""Measures of each cell, with units: what a morphologist would put a ruler to.

A measure that a cell does not allow is absent: a nucleus too small for nucleoli, no nucleus at all.
"""

from inference.engine.morphology.shapes import Shape, measure_shapes

__all__ = ["Shape", "measure_shapes"]
