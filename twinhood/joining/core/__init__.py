"""Values in, values out: what can be told of a claim, and why two cities might fit."""
