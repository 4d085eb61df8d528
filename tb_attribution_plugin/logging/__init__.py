"""Attributions as TensorBoard events, written and read back without TensorFlow."""
