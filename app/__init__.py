__version__ = "0.2.0"  # of every package that is built from here
