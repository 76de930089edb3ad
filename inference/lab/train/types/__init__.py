"""The network that names white cells by type, on pictures of single cells."""
