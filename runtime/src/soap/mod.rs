//! SOAP over HTTP: envelopes, faults, and the one call that generated clients are made of.

mod call;
mod envelope;
mod fault;
mod generated;

pub use call::{
    Answer, Endpoint, NoHeaders, SoapOperation, call, call_for_headers, call_with_headers,
};
pub use envelope::{Envelope, decode_body, encode_envelope, encode_envelope12, encode_fault};
pub use fault::{Detail, SoapFault, sniff};
#[doc(hidden)]
pub use generated::{decode_request, expect, expect_parts, ignore, reencode, rewrite};
