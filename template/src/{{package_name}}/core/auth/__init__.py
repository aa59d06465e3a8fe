"""Who asks: credentials, and the owner that they stand for."""
