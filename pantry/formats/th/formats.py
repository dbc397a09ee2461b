"""Date and time formats of Pixie's answers, where Django's have no weekday and no word for the hour."""

MONTH_DAY_FORMAT = "วันlที่ j F"
TIME_FORMAT = "H:i น."
