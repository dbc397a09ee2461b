"""The years in which times may lie that come from outside."""

from datetime import date
from typing import TypeVar

YEARS = range(1900, 2200)  # the first and last years of datetime overflow in time zones

Day = TypeVar("Day", bound=date)


def check_year(day: Day) -> Day:
    """Return the date or time. Raises ValueError for one in another year."""
    if day.year not in YEARS:
        raise ValueError(f"the year must be between {YEARS[0]} and {YEARS[-1]}")
    return day
