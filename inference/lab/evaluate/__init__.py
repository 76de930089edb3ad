"""What a model is worth on pictures that it never saw."""
