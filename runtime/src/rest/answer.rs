use std::any::Any;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::error::{Error, ErrorKind};
use crate::json::{Decode, DecodeErrorKind, Encode, Limits, to_vec};
use crate::looks::{Looks, html_title};
use crate::mask::Masked;
use crate::transport::Body;
use crate::values::Lexical;

/// A typed fault, if the body is one.
pub type Fault = Option<Box<dyn Any + Send + Sync>>;

/// Why an answer of a success status is not the operation's response.
#[derive(Debug)]
pub struct Refused(pub(super) Error);

/// What came back, as a generated operation reads it.
#[derive(Debug)]
pub struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Not collected: the operation takes it as it comes.
    pub(super) stream: Option<Body>,
    pub(super) limits: Limits,
}

impl Answer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Reads a JSON body.
    ///
    /// # Errors
    /// When it is none, or not a `T`.
    pub fn json<T: Decode>(&self) -> Result<T, Refused> {
        let looks = Looks::of(&self.body);
        if matches!(looks, Looks::Nothing | Looks::Html | Looks::Xml) {
            return Err(Refused(self.unexpected("JSON")));
        }
        crate::json::from_slice_within(&self.body, self.limits).map_err(|e| {
            if looks == Looks::Text && e.kind() == DecodeErrorKind::Malformed {
                return Refused(self.unexpected("JSON"));
            }
            let kind = match e.kind() {
                DecodeErrorKind::Refused => ErrorKind::UnexpectedResponse,
                _ => ErrorKind::Decode,
            };
            let message = format!("the answer could not be read: {}", e.message());
            let error = Error::new(kind, message)
                .with_path(e.path())
                .with_position(e.position());
            Refused(error)
        })
    }

    /// Reads a text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self) -> Result<String, Refused> {
        String::from_utf8(self.body.to_vec()).map_err(|_| {
            Refused(Error::new(
                ErrorKind::Decode,
                "the answer's text is not UTF-8",
            ))
        })
    }

    /// Takes the body as a stream.
    pub fn stream(&mut self) -> Body {
        match self.stream.take() {
            Some(body) => body,
            None => std::mem::take(&mut self.body).into(),
        }
    }

    /// Reads a header; one that is not there, or not a `T`, is none.
    #[must_use]
    pub fn header<T: Lexical>(&self, name: &str) -> Option<T> {
        let text = self.headers.get(name)?.to_str().ok()?;
        T::parse(text).ok()
    }

    /// Reads a documented error.
    ///
    /// Where every member is optional, any object would do: one that has none of them is not it.
    #[must_use]
    pub fn fault<T: Decode + Encode + Send + Sync + 'static>(&self) -> Fault {
        let fault: T = crate::json::from_slice_within(&self.body, self.limits).ok()?;
        let says_nothing = to_vec(&fault).is_ok_and(|json| json == b"{}");
        (!says_nothing).then(|| Box::new(fault) as Box<_>)
    }

    /// A success that the contract does not list.
    #[must_use]
    pub fn undocumented(&self) -> Refused {
        let message = format!(
            "status {} is not one that the contract lists",
            self.status()
        );
        Refused(Error::new(ErrorKind::UnexpectedResponse, message))
    }

    /// The error of a body that is something else than what was expected.
    pub(super) fn unexpected(&self, expected: &str) -> Error {
        let looks = Looks::of(&self.body);
        let what = match looks {
            Looks::Nothing => "nothing".to_owned(),
            Looks::Xml => format!("XML of {} bytes", self.body.len()),
            Looks::Json => format!("JSON of {} bytes", self.body.len()),
            Looks::Html => format!("an HTML page of {} bytes", self.body.len()),
            Looks::Text => format!("text of {} bytes", self.body.len()),
        };
        let mut message = format!("expected {expected}, got {what}");
        if looks == Looks::Html {
            if let Some(title) = html_title(&self.body) {
                message.push_str(&format!(" titled \"{}\"", Masked(&title)));
            }
            message.push_str("; a proxy or gateway answered in the platform's place");
        }
        Error::new(ErrorKind::UnexpectedResponse, message)
    }
}
