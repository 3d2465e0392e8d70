//! Receivers for what platforms send by themselves: short messages and delivery reports of Business
//! Smart Connect ([`bsc`]), results of MasStack's orders ([`masstack`]).
//!
//! A receiver takes any [`http::Request`] with its body read, and answers it; with the feature
//! `callbacks-axum` it is a router of axum's as well. What it has read comes out of a stream:
//!
//! ```
//! use mno_sdk::callbacks::bsc::{Event, Receiver};
//! use mno_sdk::callbacks::{Guard, Options};
//!
//! # async fn example() -> Result<(), mno_sdk::Error> {
//! // https://hooks.example/bsc/uHn3k9wQ2x7RbT5y is what Telekom is told.
//! let guard = Guard::path("uHn3k9wQ2x7RbT5y")?;
//! let (receiver, mut events) = Receiver::new(guard, Options::default());
//! // Your HTTP server: let response = receiver.handle(request).await;
//! while let Some(event) = events.recv().await {
//!     match event {
//!         Event::Sms(sms) => println!("{:?}: {:?}", sms.endpoint.iccid, sms.content()),
//!         Event::DeliveryReport(report) => println!("{}: {:?}", report.id, report.status),
//!         _ => {}
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! # What a 2xx means
//!
//! That the event has been taken from the stream: no 2xx leaves before. A consumer that is late, or
//! gone, makes for a 503, and the platform sends the event again; the one that it was too late for
//! is taken back. So an event is lost only between the consumer taking it and finishing with it,
//! and a consumer that wants to be sure writes it down first.
//!
//! An event that comes again after its 2xx was lost on the way is answered with 2xx and does not
//! come out of the stream a second time, as long as it is [remembered](Options::remember).
//!
//! # Who may post
//!
//! Neither platform signs what it sends. A [`Guard`] holds the secret that a caller must know.

mod error;
mod events;
mod guard;
mod inbox;
mod options;
#[cfg(feature = "callbacks-axum")]
mod router;

pub mod bsc;
pub mod masstack;
pub mod sms;

use bytes::Bytes;
use http::Response;

pub use error::{CallbackError, CallbackErrorKind};
pub use events::Events;
pub use guard::Guard;
pub use options::Options;

/// The answer to a request, and a line in the log where somebody should look.
fn answer(platform: &'static str, result: Result<(), CallbackError>) -> Response<Bytes> {
    use CallbackErrorKind as K;
    let Err(error) = result else {
        return Response::new(Bytes::new());
    };
    match error.kind() {
        // Anybody may knock.
        K::UnknownPath | K::Unauthorized | K::MethodNotAllowed => {
            tracing::debug!(platform, %error, "a callback is refused");
        }
        K::Incomplete => tracing::debug!(platform, %error, "a callback has to come again"),
        K::NotTaken | K::Closed => {
            tracing::warn!(platform, %error, "a callback has to come again");
        }
        K::TooLarge | K::Malformed => tracing::warn!(platform, %error, "a callback is refused"),
    }
    error.response()
}
