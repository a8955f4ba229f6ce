import pipeline as pipeline  # sets up the environment before ONNX Runtime is loaded
