"""One file a comparison. Each can be run as a script for one side: that is what run.py does."""
