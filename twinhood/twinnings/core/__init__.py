"""Facts as plain values: values in, values out."""
