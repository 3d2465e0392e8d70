//! One test binary, modules by theme: linking once keeps the round short.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod corpus;
mod kite;
mod kpn;
mod rules;
mod wire;
