"""Days, times and frequencies in plain words: “tomorrow at 5”, “every other week”, “วันศุกร์ 9 โมง”."""

from pantry.when.dates import When, find_impossible, find_when
from pantry.when.frequencies import Frequency, find_frequency, find_thai_frequency
from pantry.when.thai import find_thai_when
