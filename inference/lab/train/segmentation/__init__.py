"""The U-Net that draws white cells."""
