"""Measurements of the running platform. `python manage.py benchmark --help` runs them."""
