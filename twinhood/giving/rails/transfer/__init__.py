"""A bank transfer that a donor makes by themselves, with a reference of ours."""
