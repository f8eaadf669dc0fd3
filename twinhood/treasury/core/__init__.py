"""What the treasury reads and weighs: values in, values out; no Django, clock, random, network."""
