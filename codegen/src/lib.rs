//! Contracts in, typed Rust crates out.
//!
//! ```text
//! WSDL + XSD ──wsdl, xsd──▶ model ──emit──▶ a crate: types, codec, operations, client
//! ```

pub mod config;
pub mod diag;
pub mod diff;
pub mod emit;
mod fixups;
pub mod import;
pub mod inspect;
mod merge;
pub mod model;
pub mod openapi;
mod reach;
pub mod workspace;
pub mod wsdl;
mod xsd;
