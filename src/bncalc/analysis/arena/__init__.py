"""What a network takes of a microcontroller: RAM, flash, and where each map lies in both."""
