"""The pages of lists and money."""
