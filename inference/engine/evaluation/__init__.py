"""How good is it: figures by group, by fold and at random, beside what the background knows."""
