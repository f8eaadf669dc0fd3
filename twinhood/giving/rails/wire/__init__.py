"""A bank transfer."""
