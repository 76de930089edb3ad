"""Pictures of every page, wide and narrow, light and dark, and what is plainly wrong in them."""
