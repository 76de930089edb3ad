"""Training of the U-Net that draws white cells."""
