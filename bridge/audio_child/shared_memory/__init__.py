"""What the audio child shows other processes in shared memory, to be read even if it hangs."""
