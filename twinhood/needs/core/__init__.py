"""Pure arithmetic and rules of needs and campaigns."""
