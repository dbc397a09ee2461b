"""Name a device after its User-Agent header."""

import re

BROWSERS = {
    r"\bEdg(?:e|A|iOS)?/": "Edge",
    r"\bOPR/|\bOpera": "Opera",
    r"\bSamsungBrowser/": "Samsung Internet",
    r"\b(?:Firefox|FxiOS)/": "Firefox",
    r"\b(?:Chrome|CriOS|Chromium|HeadlessChrome)/": "Chrome",
    r"\bSafari/": "Safari",
}
SYSTEMS = {
    r"iPhone": "iPhone",
    r"iPad": "iPad",
    r"Android": "Android",
    r"Windows": "Windows",
    r"CrOS": "Chromebook",
    r"Mac OS X|Macintosh": "Mac",
    r"Linux|X11": "Linux",
}


def device_name(user_agent: str) -> str:
    """Return a name such as “Firefox, Android”; empty if nothing is recognized.

    The order of the patterns matters: most browsers claim to be others as well.
    """
    names = (
        next((name for pattern, name in patterns.items() if re.search(pattern, user_agent)), None)
        for patterns in (BROWSERS, SYSTEMS)
    )
    return ", ".join(name for name in names if name)
