"""Pages of lists and spending."""
