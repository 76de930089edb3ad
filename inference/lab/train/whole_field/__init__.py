"""Training on whole fields, as the papers do: for comparison, never for the default model."""
