"""TensorBoard finds no TensorFlow where this lies on the path: it starts in a second instead of fifteen."""

raise ImportError("TensorBoard goes on without TensorFlow")
