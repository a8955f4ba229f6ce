"""The pages for people, made of their templates."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from pipeline.service.asset_files import asset_address, imported_by

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        # blob: and data: are the visitor's own picture, or what the service made of it.
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_templates = Environment(
    loader=PackageLoader("pipeline.service", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(asset=asset_address, imported_by=imported_by)


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Return the page of `template`; every value is escaped."""
    text = _templates.get_template(template).render(values)
    return Response(text, status, {"Content-Security-Policy": POLICY}, "text/html")
