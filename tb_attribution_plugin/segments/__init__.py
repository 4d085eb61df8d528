"""What an input is cut into. NumPy and scikit-image."""
