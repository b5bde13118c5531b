"""The language of a reader (decision 24): the first of ours that the browser asks for."""

LANGUAGES = ("nl", "fr", "en", "de")
OTHERWISE = "en"
MOST_CHOICES = 20
"""Of a header; a browser sends some five."""


def preferred(accept_language: str | None) -> str:
    """By weight, then by order (RFC 9110, section 12.5.4)."""
    choices = [_choice(part) for part in (accept_language or "").split(",")[:MOST_CHOICES]]
    ours = [(weight, language) for weight, language in choices if weight > 0 and language in LANGUAGES]
    _, language = max(ours, key=lambda choice: choice[0], default=(0.0, OTHERWISE))  # of equal ones the first
    return language


def _choice(part: str) -> tuple[float, str]:
    """Weight and language of ``nl-BE;q=0.8``. A weight that is none counts as nothing."""
    name, _, parameter = part.partition(";")
    language = name.strip().lower().partition("-")[0]
    if not parameter.strip():
        return 1.0, language
    key, _, value = parameter.partition("=")
    digits = value.strip()
    usable = (
        key.strip().lower() == "q" and digits.isascii() and digits.replace(".", "", 1).isdigit() and len(digits) < 6
    )
    return (min(float(digits), 1.0) if usable else 0.0), language
