"""Does a finished model keep its word when all but the cells changes?"""
