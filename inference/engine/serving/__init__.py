"""Fast forward passes: the Keras model is the reference, its export is what answers."""
