"""Saved checkpoints, explained as if the callback had been there."""
