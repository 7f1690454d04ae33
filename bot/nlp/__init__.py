"""Plugs that read text: spaCy, the ONNX and PyTorch classifiers, the rules that stand in, and the gazetteer."""
