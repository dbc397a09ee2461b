"""API of lists, items, recurring items, shopping and spending."""
