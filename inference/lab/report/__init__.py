"""Figures for people: pages, tables, lines."""
