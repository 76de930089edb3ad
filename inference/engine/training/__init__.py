"""Making a model: what it sees, how that is divided, the loop, and the package at the end."""
