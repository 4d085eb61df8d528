"""Maps as pictures, with the colour arithmetic of the page. NumPy and Pillow; knows nothing of logs or of a screen."""
