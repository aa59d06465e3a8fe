"""Connection faults: report which step of connecting failed, without revealing any names."""

import re
import socket

from sqlalchemy.engine import URL

from .driver_errors import code_of

PORTS = {"postgresql": 5432, "mysql": 3306}
CONNECT_SECONDS = 0.4

# Causes by the driver's message or the server's code; the message itself is not shown.
CAUSES = (
    (
        "authentication: the server rejects the user or the password",
        r"password authentication|pg_hba",
        "1045|1698|28P01|28000",
    ),
    (
        "authentication: the server requires ed25519; run `uv add 'pymysql[ed25519]'`",
        r"'pynacl' package",
        "",
    ),
    (
        "authentication: the server requires SHA-256; run `uv add 'pymysql[rsa]'`",
        r"'cryptography' package",
        "",
    ),
    ("authentication: the user does not exist", r'role ".*" does not exist', ""),
    (
        "database: it does not exist, or the user may not access it",
        r'database ".*" does not exist',
        "1049|1044|3D000",
    ),
    (
        "connections: the connection limit is reached",
        r"too many (clients|connections)|connection slots",
        "53300|1040|1203|1226",
    ),
    (
        "TLS: an encrypted connection could not be established",
        r"\bssl\b|certificate|tls",
        "2026|3159",
    ),
    (
        "TCP: nothing is listening at the address in DATABASE_URL",
        r"refused|no such file|can't connect",
        "2003|2002",
    ),
    (
        "timeout: connecting takes longer than DATABASE_CONNECT_TIMEOUT",
        r"time(d )?out",
        "2013",
    ),
    ("file: it is not an SQLite database", r"not a database", ""),
    ("file: it cannot be opened", r"unable to open", "SQLITE_CANTOPEN"),
)


def network_fault(url: URL) -> str:
    """Return which network step fails before the database itself is reached, or an empty string."""
    host, port = url.host, url.port or PORTS.get(url.get_backend_name(), 0)
    if not host or not port:
        return ""
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return "DNS: the host in DATABASE_URL does not resolve"
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except ConnectionRefusedError:
        return "TCP: nothing is listening at the host and port in DATABASE_URL"
    except OSError:
        return "TCP: the host in DATABASE_URL cannot be reached"
    return ""


def cause_of(error: Exception) -> str:
    """Return which step of the database itself fails."""
    if isinstance(error, FileNotFoundError):
        return "File: the file in DATABASE_URL does not exist"
    if isinstance(error, TimeoutError):
        return "Timeout: the server accepts connections, but does not respond"
    words, code = str(getattr(error, "orig", error)), code_of(error)
    for cause, pattern, codes in CAUSES:
        if re.search(pattern, words, re.IGNORECASE) or re.fullmatch(codes or "(?!)", code):
            return cause[0].upper() + cause[1:]
    return f"The driver raised {type(getattr(error, 'orig', error)).__name__} {code}".strip()
