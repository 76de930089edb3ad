"""Architectures of the papers, which only training needs."""
