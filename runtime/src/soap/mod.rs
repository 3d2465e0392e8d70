//! SOAP over HTTP: envelopes, faults, and the one call that generated clients are made of.

mod call;
mod envelope;
mod fault;
mod generated;

pub use call::{Endpoint, SoapOperation, call};
pub use envelope::{Envelope, decode_body, encode_envelope, encode_fault};
pub use fault::{Detail, SoapFault, sniff};
#[doc(hidden)]
pub use generated::{decode_request, expect, ignore, reencode, rewrite};
