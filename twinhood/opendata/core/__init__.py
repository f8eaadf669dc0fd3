"""The public file's texts as pure functions of leaves and openings.

Who builds the file and who verifies it render with the same code.
"""
