"""A small RTSP server of H.264 and HEVC cameras that fail on command.

`server.RtspServer` listens, `camera.Camera` is what stands behind one path, `clip.encoded` makes what it shows.
"""
