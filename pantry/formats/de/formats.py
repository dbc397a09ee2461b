"""Date formats of Pixie's answers, where Django's have no weekday."""

MONTH_DAY_FORMAT = "l, j. F"
