"""GStreamer's RTSP server (gst-rtsp-server) for one file: run by Debian's own python3, which has its bindings.

Usage: gst_server.py FILE USER PASSWORD. Prints its port, serves FILE (H.264 in Matroska) at /cam, ends with its input.
"""

import sys

import gi  # type: ignore[import-not-found]  # Debian's, for its own python alone

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found]  # noqa: E402  # versions first

ROLE = "viewer"


def main() -> None:
    path, user, password = sys.argv[1:]
    Gst.init(None)
    server, loop = GstRtspServer.RTSPServer(), GLib.MainLoop()
    server.set_address("127.0.0.1")
    server.set_service("0")
    server.set_auth(auth_of(user, password))
    server.get_mount_points().add_factory("/cam", factory_of(path))
    server.attach(None)
    GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_HUP | GLib.IO_IN, lambda *_: loop.quit())
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    loop.run()


def factory_of(path: str) -> GstRtspServer.RTSPMediaFactory:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f'( filesrc location="{path}" ! matroskademux ! h264parse ! rtph264pay name=pay0 pt=96 )')
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(ROLE, "media.factory.access", True)
    permissions.add_permission_for_role(ROLE, "media.factory.construct", True)
    factory.set_permissions(permissions)
    return factory


def auth_of(user: str, password: str) -> GstRtspServer.RTSPAuth:
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    return auth


main()
