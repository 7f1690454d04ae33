"""What tests run the program against: servers that behave as badly as asked."""
