"""What a camera's picture may suffer from, by the words of metrics and messages."""

TOO_DARK, BLURRED, FACES_TOO_SMALL = "too_dark", "blurred", "faces_too_small"
REASONS = (TOO_DARK, BLURRED, FACES_TOO_SMALL)
