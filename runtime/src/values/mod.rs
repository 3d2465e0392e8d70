//! Values that operators' APIs exchange: numbers, dates, binary data and SIM identifiers.
//!
//! Generated types are made of these. None of them depends on XML or JSON: [`Lexical`] reads and
//! writes the text that stands in an element, an attribute, a JSON string or a query parameter.
//!
//! | Type | Schema name | Holds |
//! |---|---|---|
//! | [`String`] | `xs:string` | text, white space kept ([`collapse`], [`replace`] for `xs:token`, `xs:normalizedString`) |
//! | [`bool`] | `xs:boolean` | `true`, `false`, `1`, `0` |
//! | [`i8`], [`i16`], [`i32`], [`i64`] | `xs:byte`, `xs:short`, `xs:int`, `xs:long` | whole numbers |
//! | [`u8`], [`u16`], [`u32`], [`u64`] | `xs:unsignedByte` … `xs:unsignedLong` | whole numbers from 0 |
//! | [`i128`], [`u128`] | `xs:integer`, `xs:nonNegativeInteger` | whole numbers of up to 38 digits |
//! | [`f32`], [`f64`] | `xs:float`, `xs:double` | floating point, `INF`, `-INF`, `NaN` |
//! | [`Decimal`](crate::Decimal) | `xs:decimal` | exact decimals, scale kept |
//! | [`DateTime`], [`Date`], [`Time`] | `xs:dateTime`, `xs:date`, `xs:time` | points in time, zone optional |
//! | [`YearMonth`], [`Year`], [`MonthDay`], [`Day`], [`Month`] | `xs:gYearMonth`, `xs:gYear`, `xs:gMonthDay`, `xs:gDay`, `xs:gMonth` | parts of dates, zone optional |
//! | [`Period`] | `xs:duration` | years to seconds, as they were written |
//! | [`Base64`], [`Hex`] | `xs:base64Binary`, `xs:hexBinary` | bytes |
//! | [`Iccid`], [`Imsi`], [`Msisdn`], [`Eid`], [`Imei`] | – | identifiers of SIMs, subscriptions and devices; masked in `Debug` |
//!
//! # To and from `time`, `chrono`, `jiff`
//!
//! There is no dependency on any of them; Unix seconds and nanoseconds are the bridge. A
//! [`DateTime`] without a zone counts as UTC there.
//!
//! ```text
//! time    time::OffsetDateTime::from_unix_timestamp_nanos(ours.unix_nanos())?
//!         DateTime::from_unix_nanos(theirs.unix_timestamp_nanos())
//! chrono  chrono::DateTime::from_timestamp(ours.unix_seconds(), ours.nanos())
//!         DateTime::from_unix_seconds(theirs.timestamp()).with_nanos(theirs.timestamp_subsec_nanos())?
//! jiff    jiff::Timestamp::from_nanosecond(ours.unix_nanos())?
//!         DateTime::from_unix_nanos(theirs.as_nanosecond())
//! ```
//!
//! Errors of this module never contain the text that was refused, which may be personal data.

mod binary;
mod datetime;
mod duration;
mod identifiers;
mod lexical;
mod list;

pub use binary::{Base64, Hex};
pub use datetime::{Date, DateTime, DateTimeError, Day, Month, MonthDay, Time, Year, YearMonth};
pub use duration::Period;
pub use identifiers::{Eid, Iccid, IdentifierError, Imei, Imsi, Msisdn};
pub use lexical::{Lexical, LexicalError, collapse, replace, trim};
pub use list::List;
