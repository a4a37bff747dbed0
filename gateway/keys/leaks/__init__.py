"""Keys that a secret scanner found in public: verified, revoked, and told to their owner."""
