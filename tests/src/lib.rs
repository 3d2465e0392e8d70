//! Tests across the crates of this workspace live in `suite/`.
