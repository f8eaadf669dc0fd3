"""Values in, values out: no Django."""
