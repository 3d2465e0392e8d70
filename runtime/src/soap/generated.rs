//! What generated code calls; not for anybody else.

use super::envelope::{Envelope, decode_body};
use super::fault::Detail;
use crate::error::{Error, ErrorKind};
use crate::xml::{
    Cursor, Decode, DecodeError, DecodeErrorKind, Document, Element, Limits, Namespace,
    NamespaceTable, NsId, Tag, Writer,
};

/// Reads the first element of a body as the one that the contract wants there.
pub fn expect<T: Element>(
    cursor: &mut Cursor<'_>,
    tag: Option<&Tag<'_>>,
) -> Result<T, DecodeError> {
    match tag {
        Some(tag) if tag.is(T::NS, T::LOCAL) => T::decode(cursor, tag),
        Some(tag) if tag.local == T::LOCAL => {
            let message = format!(
                "`{}` is in another namespace than the contract's; Endpoint::with_namespaces can \
                 name it",
                T::LOCAL
            );
            Err(cursor.error(DecodeErrorKind::Unexpected, message))
        }
        Some(tag) => {
            let message = format!("expected `{}`, found `{}`", T::LOCAL, tag.local);
            Err(cursor.error(DecodeErrorKind::Unexpected, message))
        }
        None => {
            let message = format!("expected `{}`, found an empty body", T::LOCAL);
            Err(cursor.closed_error(DecodeErrorKind::Missing, "", message))
        }
    }
}

/// Reads the parts of an answer, which stand in its body one after the other.
pub fn expect_parts<T: Decode>(
    cursor: &mut Cursor<'_>,
    body: Option<&Tag<'_>>,
) -> Result<T, DecodeError> {
    match body {
        Some(body) => T::decode(cursor, body),
        None => Err(cursor.closed_error(DecodeErrorKind::Missing, "", "no body".to_owned())),
    }
}

/// Reads the body of an answer to a one-way operation.
pub fn ignore(cursor: &mut Cursor<'_>, tag: Option<&Tag<'_>>) -> Result<(), DecodeError> {
    if tag.is_some() { cursor.skip() } else { Ok(()) }
}

/// Reads a request's envelope, for servers.
pub fn decode_request<T>(
    body: &[u8],
    table: &'static [Namespace],
    read: impl FnOnce(&mut Cursor<'_>, &Tag<'_>) -> Result<Option<T>, DecodeError>,
) -> Result<Option<T>, DecodeError> {
    let document = Document::new(body, None, Limits::default())?;
    let table = NamespaceTable::new(table);
    let mut cursor = Cursor::new(&document, &table);
    let envelope = decode_body(
        &mut cursor,
        |cursor, tag| match tag {
            Some(tag) => read(cursor, tag),
            None => Ok(None),
        },
        |_, _| -> Result<Detail, DecodeError> { Ok(None) },
    )?;
    Ok(match envelope {
        Envelope::Message(message) => message,
        Envelope::Fault(_) => None,
    })
}

/// Reads an element and writes it as a document, which has to read as the same value.
pub fn rewrite<T: Element + PartialEq>(
    cursor: &mut Cursor<'_>,
    tag: &Tag<'_>,
    table: &NamespaceTable,
) -> Result<Option<Vec<u8>>, Error> {
    let value = <T as Decode>::decode(cursor, tag).map_err(decode_error)?;
    let mut writer = Writer::new(table);
    writer.element(T::NS, T::LOCAL, &value).map_err(|e| {
        Error::new(ErrorKind::InvalidRequest, e.reason().to_owned()).with_path(e.path())
    })?;
    let written = writer.finish().into_bytes();
    let again = read::<T>(&written, table).map_err(decode_error)?;
    // A value that holds a NaN is not even equal to itself.
    #[allow(clippy::eq_op)]
    let has_nan = value != value;
    if again != value && !has_nan {
        let message = format!("`{}` reads as another value once it was written", T::LOCAL);
        return Err(Error::new(ErrorKind::Decode, message));
    }
    Ok(Some(written))
}

fn read<T: Element>(document: &[u8], table: &NamespaceTable) -> Result<T, DecodeError> {
    let document = Document::new(document, None, Limits::default())?;
    let mut cursor = Cursor::new(&document, table);
    let root = cursor.root()?;
    T::decode(&mut cursor, &root)
}

/// Reads a document whose root is a message element and writes it again.
pub fn reencode(
    body: &[u8],
    namespaces: &'static [Namespace],
    read: impl FnOnce(&mut Cursor<'_>, &Tag<'_>, &NamespaceTable) -> Result<Option<Vec<u8>>, Error>,
) -> Result<Vec<u8>, Error> {
    let document = Document::new(body, None, Limits::default()).map_err(decode_error)?;
    let table = NamespaceTable::new(namespaces);
    let mut cursor = Cursor::new(&document, &table);
    let root = cursor.root().map_err(decode_error)?;
    let written = read(&mut cursor, &root, &table)?.ok_or_else(|| {
        let known = if root.ns == NsId::UNKNOWN {
            " in an unknown namespace"
        } else {
            ""
        };
        let message = format!(
            "`{}`{known} is no message element of this service",
            root.local
        );
        Error::new(ErrorKind::Decode, message)
    })?;
    cursor.finish().map_err(decode_error)?;
    Ok(written)
}

fn decode_error(e: DecodeError) -> Error {
    Error::new(ErrorKind::Decode, e.message().to_owned())
        .with_path(e.path())
        .with_position(e.position())
}
