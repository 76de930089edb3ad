"""Pure functions on arrays: pictures in, cells and probabilities out. Imports no Django."""
