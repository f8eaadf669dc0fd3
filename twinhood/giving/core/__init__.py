"""What giving computes and reads: values in, values out; no Django, clock, random, network."""
