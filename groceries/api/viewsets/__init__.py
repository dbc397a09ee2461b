"""Lists, items, rules and money at the API: the same verbs as everywhere, in JSON."""
