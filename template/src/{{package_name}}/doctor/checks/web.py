"""Web: debugging, headers, hosts, proxies and origins."""

import ipaddress
from collections.abc import Iterator
from typing import NoReturn

from flask.helpers import get_debug_flag

from ...core.middleware.hosts import PROBES
from ..context import Context, NotJudgedError
from ..headers import faults
from ..registry import check

PREFIXES = {4: 16, 6: 32}  # of the widest public network that can be a proxy's
PRIVATE = [
    ipaddress.IPv4Network(name)
    for name in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
]
DEBUGGING = ("PROPAGATE_EXCEPTIONS", "TRAP_HTTP_EXCEPTIONS", "TRAP_BAD_REQUEST_ERRORS")


@check(
    "APP001",
    "error",
    "Debug mode is on",
    why="The debugger runs code for anyone who reaches it, and error pages show code and values.",
    remedy="""
        Unset FLASK_DEBUG, and set none of these options in code:
            unset FLASK_DEBUG""",
    source="OWASP ASVS 13.4.2, 16.5.1; Django W018",
    deploy=True,
)
def debugging(context: Context) -> Iterator[str]:
    """FLASK_DEBUG, and the application's DEBUG, TESTING and options that propagate exceptions."""
    if get_debug_flag():
        yield "FLASK_DEBUG is set."
    elif context.app.debug:
        yield "The application's DEBUG is on."
    for name in ("TESTING", *DEBUGGING):
        if context.app.config.get(name):
            yield f"The application's {name} is on."


@check(
    "APP002",
    "error",
    "The application cannot be created",
    why="The service does not start, and the doctor cannot check the rest of its code.",
    remedy="""
        Install the missing package, or fix the line in the finding:
            uv sync
            uv run flask routes""",
)
def application(context: Context) -> Iterator[str]:
    """Whether wsgi.py can create the application with these settings."""
    if context.found_settings is None:
        raise NotJudgedError
    if context.app_error:
        yield context.app_error


@check(
    "HDR001",
    "error",
    "A response lacks a security header",
    why="Browsers then guess types, show the API in frames, cache responses or fall back to HTTP.",
    remedy="""
        Set the header in core/middleware/headers.py (RESPONSE_HEADERS), and let no route or
        after_request function remove it. To see what is sent:
            curl -si http://127.0.0.1:5000/livez""",
    source="OWASP ASVS 3.4, 13.4.6, 14.3.2",
)
def headers(context: Context) -> Iterator[str]:
    """The security headers of the application's 200, 404 and 500 responses."""
    views = context.app.view_functions
    yield from faults("A 200 response", dict(context.get("/livez").headers))
    yield from faults("A 404 response", dict(context.get("/doctor/none").headers))
    handed_on = [context.app.testing, context.app.debug, *map(context.app.config.get, DEBUGGING)]
    if not any(handed_on):  # else the exception would propagate to here; APP001 reports that
        alive, views["health.livez"] = views["health.livez"], _fail
        try:
            yield from faults("A 500 response", dict(context.get("/livez").headers))
        finally:
            views["health.livez"] = alive


def _fail() -> NoReturn:
    raise RuntimeError


@check(
    "HST001",
    "warning",
    "Requests for any host name are accepted",
    why="Links and caches then use a Host that the client made up.",
    remedy="""
        Set TRUSTED_HOSTS to the host names that clients use; health checks accept any host:
            TRUSTED_HOSTS=api.example.com""",
    source="OWASP ASVS 4.1; Django W020",
    deploy=True,
)
def hosts(context: Context) -> Iterator[str]:
    """Whether TRUSTED_HOSTS is set, and contains no whole top-level domain."""
    if not context.settings.trusted_hosts:
        yield "TRUSTED_HOSTS is empty."
    if any(
        host.startswith(".") and host.count(".") == 1 for host in context.settings.trusted_hosts
    ):
        yield "TRUSTED_HOSTS contains a whole top-level domain."


@check(
    "PRX001",
    "error",
    "TRUSTED_PROXIES is too wide",
    why="A client in these networks can forge its address, and so has no rate limit.",
    remedy="""
        Trust only the proxy's own network:
            TRUSTED_PROXIES=10.0.0.0/24""",
    source="OWASP ASVS 4.1.3",
    deploy=True,
)
def wide_proxies(context: Context) -> Iterator[str]:
    """The size of each network in TRUSTED_PROXIES that is not private."""
    for number, name in enumerate(context.settings.trusted_proxies, 1):
        network = ipaddress.ip_network(name)
        if network.prefixlen < PREFIXES[network.version] and not _is_private(network):
            yield f"Network {number} of TRUSTED_PROXIES is too wide to be a proxy's."


def _is_private(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    if isinstance(network, ipaddress.IPv6Network):
        return network.subnet_of(ipaddress.IPv6Network("fc00::/7"))
    return any(network.subnet_of(own) for own in PRIVATE)


@check(
    "PRX002",
    "warning",
    "No proxy is trusted",
    why="Behind a proxy, all clients then share one address and one rate limit, and every request "
    "looks like plain HTTP.",
    remedy="""
        Trust the proxy's network; if there is no proxy, silence this check with that reason:
            TRUSTED_PROXIES=10.0.0.0/24""",
    source="OWASP ASVS 4.1.3",
    deploy=True,
)
def no_proxies(context: Context) -> Iterator[str]:
    """Whether TRUSTED_PROXIES is set, in particular with REQUIRE_HTTPS."""
    if context.settings.trusted_proxies:
        return
    if context.settings.require_https:
        yield "TRUSTED_PROXIES is empty, so REQUIRE_HTTPS rejects every request."
    else:
        yield "TRUSTED_PROXIES is empty."


@check(
    "COR001",
    "error",
    "Pages of foreign origins may call the API",
    why="Any page that a user opens could call the API on the user's behalf.",
    remedy="""
        List exact https origins in CORS_ORIGINS, and set CORS headers nowhere else:
            CORS_ORIGINS=https://app.example.com""",
    source="OWASP ASVS 3.4.2",
)
def origins(context: Context) -> Iterator[str]:
    """Whether the application allows foreign or look-alike origins; plain HTTP in CORS_ORIGINS."""
    own = context.settings.cors_origins
    for index, origin in enumerate(own, 1):
        if context.production and origin.startswith("http://"):
            yield f"Origin {index} of CORS_ORIGINS is plain HTTP, which an attacker can forge."
    alike = [f"{origin}.evil.example" for origin in own]
    alike += [origin.replace("://", "://evil") for origin in own]
    for foreign in ("https://evil.example", "null", *alike):
        allowed = context.get(PROBES[0], Origin=foreign).headers.get("Access-Control-Allow-Origin")
        if foreign not in own and allowed in ("*", foreign):
            kind = "null" if foreign == "null" else "look-alike" if foreign in alike else "foreign"
            yield f"The CORS headers allow a {kind} origin."
