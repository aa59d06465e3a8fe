"""Security headers of every response (OWASP ASVS 3.4); the outermost middleware adds them."""

RESPONSE_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    (
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ("Cache-Control", "no-store"),
)


def with_defaults(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers of a response, plus those of RESPONSE_HEADERS that it does not set."""
    present = {name.lower() for name, _ in headers}
    return headers + [pair for pair in RESPONSE_HEADERS if pair[0].lower() not in present]
