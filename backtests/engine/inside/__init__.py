"""What runs in the sandbox's child. It never imports Django, and nothing that it says is believed outside."""
