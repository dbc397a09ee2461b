"""Middleware that adds the headers which Django's own security middleware does not know."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

DEFAULTS = {
    # Neither browsers nor proxies store a response, unless its view says otherwise. The copies for reading offline are
    # made by the service worker, which isn't bound by this header.
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def default_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set each of DEFAULTS that a response has not set itself."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in DEFAULTS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware
