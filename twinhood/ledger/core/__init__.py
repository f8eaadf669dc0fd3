"""The rules of the books and the line: values in, values out."""
