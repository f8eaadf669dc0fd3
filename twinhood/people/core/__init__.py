"""Who may do what: values in, values out."""
