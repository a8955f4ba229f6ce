"""maskstream: how well people in video wear face masks."""

import os

# From 1.29 on ONNX Runtime tells its maker of the machine and of the models that it runs, unless this stands in the
# environment before it is loaded; so it has to come first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
