"""Backward passes with rules of their own for single operations of a traced graph.

A pass goes from the explained scalar back to the features, operation by operation (`carried.py`), through every
function that is called on the way (`recorded.py`). A method is a table of rules by type of operation; nothing of
TensorFlow, Keras or the model is patched, and an operation that a table does not name is an error.
"""
