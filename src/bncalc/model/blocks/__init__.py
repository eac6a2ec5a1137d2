"""The compositions, one file each."""
