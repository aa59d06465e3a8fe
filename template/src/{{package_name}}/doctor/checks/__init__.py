"""The checks of `flask doctor`; a check of your own is a module in here."""
