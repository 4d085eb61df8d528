"""TensorBoard summaries of what a model looks at while it learns."""
