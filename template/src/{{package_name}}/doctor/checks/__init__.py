"""The checks of `flask doctor`; add your own as a module in this folder."""
