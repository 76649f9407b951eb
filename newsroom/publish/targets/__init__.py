"""The places that a release is put to: one module for each kind of host."""
