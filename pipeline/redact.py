"""Keeps credentials out of everything that is printed, logged or written."""

import re

MASK = "***"

# Up to the *last* "@": people leave "@", "/" and "?" in passwords unescaped, and hiding too much is the safe side.
_CREDENTIALS = re.compile(r"^((?:[a-z][a-z0-9+.-]*:/+)?).*@", re.IGNORECASE | re.DOTALL)

# Some recorders put them into the path ("/user=admin_password=..."), so no separator is asked for before the name.
_SECRET_PARAMETER = re.compile(
    r"([^=&;?#/]*(?:pas|pwd|pw|secret|token|key|auth|sig|cred|session)[^=&;?#/]*=)[^&]*", re.IGNORECASE
)

# A password may hold spaces, so that a URL reaches to the last "@" before the next URL of its line.
_SCHEME = r"[a-z][a-z0-9+.-]{0,30}:/+"
_BEFORE = r"(?<![^\s\"'(<\[{=,])"
_IN_TEXT = re.compile(
    rf"""(?: {_SCHEME} (?:(?!\s\S*?{_SCHEME})[^\n])* @
         |   {_SCHEME}
         |   {_BEFORE} [^\s\"'(<\[{{=,:]* : \S* @             # the scheme left out, or mistyped
         ) \S*""",
    re.IGNORECASE | re.VERBOSE,
)


def redact(location: str) -> str:
    """Return a URL or path with user names, passwords, and parameters that look like secrets replaced by `***`.

    A path without a colon, and whatever holds no credentials, comes back as it is.
    """
    if ":" not in location:
        return location
    return _SECRET_PARAMETER.sub(rf"\g<1>{MASK}", _CREDENTIALS.sub(rf"\g<1>{MASK}@", location))


def redact_text(text: str) -> str:
    """Return a line of a log, or several, with `redact` done to each URL in it."""
    return _IN_TEXT.sub(lambda url: redact(url[0]), text)
