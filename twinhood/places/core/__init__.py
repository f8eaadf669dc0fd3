"""Names, distances and maps: values in, values out."""
