"""Pictures that models learn from: lists of them, how they are divided, what is cut from them."""
