"""The file formats that a library writes."""
