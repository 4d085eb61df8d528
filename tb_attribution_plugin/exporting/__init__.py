"""Logs as files for other programs and for people: arrays, tables, pictures and a page. No TensorFlow."""
