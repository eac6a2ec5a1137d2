"""Which single edit of a model file would bring it within its bounds."""
