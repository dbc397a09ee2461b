from pantry.formats.en.formats import *  # noqa: F403
