"""From a trained model to a package: notes, card, files, all or nothing."""
