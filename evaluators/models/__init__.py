"""Models: from what somebody names to a headless model in memory."""
