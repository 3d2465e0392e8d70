//! REST: methods on paths, and the one call that generated clients are made of.
//!
//! What is special to HTTP APIs is here: how parameters stand in paths, queries, headers and
//! cookies ([`RequestWriter`]), how bodies are written (JSON, forms, multipart, bytes), and how an
//! answer's status, headers and body become a value or an error ([`Answer`], [`call`]).

mod answer;
mod call;
mod credential;
mod endpoint;
mod multipart;
mod params;
mod request;
mod uri;

pub use answer::{Answer, Fault, Refused};
pub use call::{RestOperation, call, identity};
pub use credential::Credential;
pub use endpoint::Endpoint;
pub use multipart::{Bytes, File, Multipart, Parts};
pub use params::Style;
pub use request::RequestWriter;

#[cfg(test)]
mod tests;
