"""Pages: the registry for everybody, drafts and offices at the desk, the ceremony."""
