//! Reads built images.
