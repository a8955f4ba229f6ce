"""What only tests need of the RTSP server in `benchmarks.rtsp`: a watcher, and a server of GStreamer's beside it."""
