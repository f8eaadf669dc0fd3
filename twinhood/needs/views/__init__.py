"""The desk's pages of needs and of the campaign."""
