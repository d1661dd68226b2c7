"""What must hold across a catalogue; pure Python."""
