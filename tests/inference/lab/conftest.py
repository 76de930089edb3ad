"""Fixtures of the tests of training."""

from __future__ import annotations

from tests.inference.lab.data.test_fields import labelled

__all__ = ["labelled"]  # a fixture, found here by pytest
