"""The HTTP service: metrics, health, REST, live pictures."""
