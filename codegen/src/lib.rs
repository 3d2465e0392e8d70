//! Contracts in, typed Rust crates out.
//!
//! ```text
//! WSDL + XSD ──wsdl, xsd──▶ model ──emit──▶ a crate: types, codec, operations, client
//! ```

// A diagnostic says much, and is made once per problem: boxing it would gain nothing.
#![allow(clippy::result_large_err)]

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
