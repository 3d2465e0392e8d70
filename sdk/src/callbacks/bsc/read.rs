//! From bodies to pieces. Numbers are strings in the guide and numbers elsewhere; members that the
//! guide does not name are skipped.

use std::str::FromStr;

use mno_runtime::json::{Cursor, Decode, DecodeError, Kind, Limits};
use mno_runtime::values::{DateTime, Iccid, Msisdn};

use super::super::inbox::{self, Place};
use super::super::sms::DataCoding;
use super::{DeliveryReport, DeliveryStatus, Endpoint, Event, Part, Sms};

/// How deep the bodies may go; they go three deep.
const DEPTH: u32 = 16;

/// What one request brings.
#[derive(Clone)]
pub(super) enum Piece {
    /// A message of one part.
    Sms(Sms),
    Report(DeliveryReport),
}

impl inbox::Piece for Piece {
    type Event = Event;

    fn join(first: Self, rest: Vec<Self>) -> Event {
        let mut sms = match first {
            Self::Report(report) => return Event::DeliveryReport(report),
            Self::Sms(sms) => sms,
        };
        for piece in rest {
            if let Self::Sms(other) = piece {
                sms.parts.extend(other.parts);
            }
        }
        Event::Sms(sms)
    }
}

/// Reads the body of a POST.
pub(super) fn sms(body: &[u8]) -> Result<(Place, Piece), DecodeError> {
    let mut c = cursor(body)?;
    let (mut id, mut endpoint, mut organisation) = (None, None, None);
    let (mut source, mut destination, mut submitted) = (None, None, None);
    let (mut dcs, mut pid, mut payload, mut header) = (None, None, None, None);
    let mut place: Option<MultiPart> = None;
    c.begin_object()?;
    while let Some(name) = c.next_name()? {
        match &*name {
            "id" => c.put_with(&mut id, digits)?,
            "endpoint" => c.put_with(&mut endpoint, self::endpoint)?,
            "organisation" => c.put_with(&mut organisation, id_of)?,
            "source_address" => c.put_with(&mut source, digits)?,
            "dest_address" => c.put_with(&mut destination, digits)?,
            "submit_date" => c.put_with(&mut submitted, date)?,
            "dcs" => c.put_with(&mut dcs, number)?,
            "pid" => c.put_with(&mut pid, number)?,
            "payload" => c.put_with(&mut payload, text)?,
            "udh" => c.put_with(&mut header, text)?,
            "multi_part_info" => c.put_with(&mut place, multi_part)?,
            _ => c.skip_unknown()?,
        }
    }
    let id: String = required(&c, id, "id")?;
    c.finish()?;

    let endpoint: Endpoint = endpoint.unwrap_or_default();
    let mut part = Part {
        id: id.clone(),
        number: 1,
        payload: payload.unwrap_or_default(),
        header,
    };
    // The platform's own word, else the message's.
    let place = place.and_then(MultiPart::checked).or_else(|| {
        let place = part.concatenation()?;
        MultiPart {
            number: Some(place.number.into()),
            total: Some(place.total.into()),
            identifier: Some(format!("udh-{}", place.reference)),
        }
        .checked()
    });
    let key = format!("sms/{id}");
    let (place, total) = match place {
        None => (Place::single(key), 1),
        Some((identifier, number, total)) => {
            part.number = number;
            let iccid = endpoint.iccid.as_ref().map(Iccid::as_str);
            let sender = iccid.or(endpoint.id.as_deref()).or(source.as_deref());
            let place = Place {
                id: key,
                group: format!("sms/{}/{identifier}/{total}", sender.unwrap_or_default()),
                number,
                total,
            };
            (place, total)
        }
    };
    let sms = Sms {
        id,
        endpoint,
        organisation_id: organisation.flatten(),
        source: source.as_deref().map(Msisdn::from_wire),
        destination,
        submitted: submitted.flatten(),
        coding: dcs.flatten().map_or(DataCoding::Gsm7, DataCoding::of),
        protocol: pid.flatten(),
        parts: vec![part],
        total_parts: total,
    };
    Ok((place, Piece::Sms(sms)))
}

/// Reads the body of a PATCH.
pub(super) fn report(body: &[u8]) -> Result<(Place, Piece), DecodeError> {
    let mut c = cursor(body)?;
    let (mut id, mut status, mut endpoint, mut organisation) = (None, None, None, None);
    let (mut submitted, mut finished) = (None, None);
    c.begin_object()?;
    while let Some(name) = c.next_name()? {
        match &*name {
            "id" => c.put_with(&mut id, digits)?,
            "status" => c.put_with(&mut status, self::status)?,
            "endpoint" => c.put_with(&mut endpoint, self::endpoint)?,
            "organisation" => c.put_with(&mut organisation, id_of)?,
            "submit_date" => c.put_with(&mut submitted, date)?,
            "final_date" => c.put_with(&mut finished, date)?,
            _ => c.skip_unknown()?,
        }
    }
    let id: String = required(&c, id, "id")?;
    let status = c.required(status.flatten(), "status")?;
    c.finish()?;
    let report = DeliveryReport {
        status,
        endpoint: endpoint.unwrap_or_default(),
        organisation_id: organisation.flatten(),
        submitted: submitted.flatten(),
        finished: finished.flatten(),
        id,
    };
    let status = match &report.status {
        DeliveryStatus::Unknown(other) => other.as_str().to_owned(),
        known => format!("{known:?}"),
    };
    let place = Place::single(format!("report/{}/{status}", report.id));
    Ok((place, Piece::Report(report)))
}

fn cursor(body: &[u8]) -> Result<Cursor<'_>, DecodeError> {
    Cursor::new(body, Limits::default().with_depth(DEPTH))
}

/// A text that is there and not blank.
fn required(c: &Cursor<'_>, slot: Option<String>, name: &str) -> Result<String, DecodeError> {
    c.required(slot.filter(|text| !text.trim().is_empty()), name)
}

/// Place of a message in one that was split up.
#[derive(Default)]
struct MultiPart {
    number: Option<u16>,
    total: Option<u16>,
    identifier: Option<String>,
}

impl MultiPart {
    /// Identifier, number and total of one of several; what makes no sense is a message by itself.
    fn checked(self) -> Option<(String, u16, u16)> {
        let (number, total) = (self.number?, self.total?);
        let is_one_of_several = (2..=255).contains(&total) && (1..=total).contains(&number);
        is_one_of_several
            .then_some(self.identifier?)
            .map(|identifier| (identifier, number, total))
    }
}

fn multi_part(c: &mut Cursor<'_>) -> Result<MultiPart, DecodeError> {
    let mut out = MultiPart::default();
    let (mut number, mut total) = (None, None);
    c.begin_object()?;
    while let Some(name) = c.next_name()? {
        match &*name {
            "partno" => c.put_with(&mut number, self::number)?,
            "total" => c.put_with(&mut total, self::number)?,
            "identifier" => c.put_with(&mut out.identifier, digits)?,
            _ => c.skip_unknown()?,
        }
    }
    (out.number, out.total) = (number.flatten(), total.flatten());
    Ok(out)
}

fn endpoint(c: &mut Cursor<'_>) -> Result<Endpoint, DecodeError> {
    let mut out = Endpoint::default();
    c.begin_object()?;
    while let Some(name) = c.next_name()? {
        match &*name {
            "id" => c.put_with(&mut out.id, digits)?,
            "name" => c.put_with(&mut out.iccid, Iccid::decode)?,
            _ => c.skip_unknown()?,
        }
    }
    Ok(out)
}

/// The `id` of an object.
fn id_of(c: &mut Cursor<'_>) -> Result<Option<String>, DecodeError> {
    let mut id = None;
    c.begin_object()?;
    while let Some(name) = c.next_name()? {
        match &*name {
            "id" => c.put_with(&mut id, digits)?,
            _ => c.skip_unknown()?,
        }
    }
    Ok(id)
}

/// Status of a report: `status` for what the reads call `description`.
fn status(c: &mut Cursor<'_>) -> Result<Option<DeliveryStatus>, DecodeError> {
    let (mut id, mut status, mut description) = (None, None, None);
    c.begin_object()?;
    while let Some(name) = c.next_name()? {
        match &*name {
            "id" => c.put_with(&mut id, digits)?,
            "status" => c.put_with(&mut status, text)?,
            "description" => c.put_with(&mut description, text)?,
            _ => c.skip_unknown()?,
        }
    }
    let text = status.as_deref().or(description.as_deref());
    Ok(DeliveryStatus::of(id.as_deref(), text))
}

/// A string, or a whole number with all its digits.
fn digits(c: &mut Cursor<'_>) -> Result<String, DecodeError> {
    Ok(c.digits_text()?.into_owned())
}

fn text(c: &mut Cursor<'_>) -> Result<String, DecodeError> {
    Ok(c.scalar()?.into_owned())
}

/// A small number. One that cannot be read is none: no message is refused for that.
fn number<T: FromStr>(c: &mut Cursor<'_>) -> Result<Option<T>, DecodeError> {
    Ok(c.scalar()?.trim().parse().ok())
}

/// A point in time, UTC where no zone is said. One that cannot be read is none: a message is not
/// refused for its date, and older platforms of this family send `{}`.
fn date(c: &mut Cursor<'_>) -> Result<Option<DateTime>, DecodeError> {
    if c.peek()? != Kind::String {
        c.skip()?;
        return Ok(None);
    }
    let mark = c.mark();
    let Ok(date) = DateTime::decode(c) else {
        c.reset(&mark);
        c.skip()?;
        return Ok(None);
    };
    Ok(Some(match date.offset_minutes() {
        Some(_) => date,
        None => date.utc(),
    }))
}
