"""What stands on the screen. Each draws a Frame and holds nothing of the run."""
