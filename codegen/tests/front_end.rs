//! The front ends as a whole: WSDL and schemas in, model out; OpenAPI in, crates out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "front_end/changes.rs"]
mod changes;
#[path = "front_end/contracts.rs"]
mod contracts;
#[path = "front_end/corpus.rs"]
mod corpus;
#[path = "front_end/dialects.rs"]
mod dialects;
#[path = "front_end/fixups.rs"]
mod fixups;
#[path = "front_end/hostile.rs"]
mod hostile;
#[path = "front_end/kite.rs"]
mod kite;
#[path = "front_end/large.rs"]
mod large;
#[path = "front_end/openapi.rs"]
mod openapi;
#[path = "front_end/schemas.rs"]
mod schemas;
#[path = "front_end/shapes.rs"]
mod shapes;
#[path = "front_end/support.rs"]
mod support;
