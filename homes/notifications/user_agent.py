"""What people call the browser in their hand."""

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
    """“Firefox, Android”; empty for what says nothing of itself. The order matters: most pretend to be others, too."""
    known = (
        next((name for pattern, name in names.items() if re.search(pattern, user_agent)), None)
        for names in (BROWSERS, SYSTEMS)
    )
    return ", ".join(name for name in known if name)
