//! One test binary, modules by theme: linking once keeps the round short.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bsc;
mod hooks;
mod kite;
mod kpn;
mod masstack;
mod properties;
mod rules;
mod wire;
