"""The TensorBoard side: routes and what they ask TensorBoard's data provider. Never imports TensorFlow or Keras."""
