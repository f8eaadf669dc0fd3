"""Money in a box, counted by two people."""
