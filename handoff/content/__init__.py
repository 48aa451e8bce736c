"""The answers as files and as sent text: read, check, import, export, fill in."""
