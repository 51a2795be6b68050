"""An application of a test with the outer layer around it."""

from app.settings.options import IpAddressOptions
from app.settings.settings import Settings
from app.web.http.asgi import App
from app.web.middleware.outer_layer import OuterLayer
from app.web.middleware.request_log import RequestLog
from app.web.origins.cors import SharedHeaders
from app.web.origins.notice import OriginNotice
from app.web.origins.trusted_origins import TrustedOrigins
from tests.support.secret import STRONG_SECRET


def add_outer_layer(app: App, addresses: IpAddressOptions | None = None) -> App:
    settings = Settings(secret=STRONG_SECRET)
    shared = SharedHeaders(settings, TrustedOrigins([]), OriginNotice(lambda line: None))
    return OuterLayer(app, RequestLog(addresses or IpAddressOptions()), shared)
