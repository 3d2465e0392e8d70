//! How Rust's types and those of `values` stand in JSON.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{BAD_ITEM, Cursor, Decode, DecodeError, Encode, EncodeError, Items, Kind, Writer};
use crate::values::{
    Base64, Date, DateTime, Eid, Hex, Iccid, Imei, Imsi, Lexical, Msisdn, Period, Time,
};

impl Decode for bool {
    const KEEPS_BLANK: bool = false;

    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        c.bool()
    }
}

impl Encode for bool {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.bool(*self);
        Ok(())
    }
}

impl Decode for String {
    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        Ok(c.string()?.into_owned())
    }
}

impl Encode for String {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.string(self);
        Ok(())
    }
}

/// `10.0` and `1e3` are whole numbers too.
fn whole(text: &str) -> Option<String> {
    if !text.contains(['.', 'e', 'E']) {
        return Some(text.to_owned());
    }
    let value = Decimal::from_scientific(text)
        .or_else(|_| text.parse::<Decimal>())
        .ok()?;
    value.fract().is_zero().then(|| value.trunc().to_string())
}

macro_rules! integers {
    ($($type:ident)*) => {$(
        impl Decode for $type {
            const KEEPS_BLANK: bool = false;

            fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
                c.peek()?;
                let start = c.at();
                let text = c.number()?;
                match whole(text) {
                    Some(whole) => c.lexical_at(start, &whole),
                    None => Err(c.refuse("expected a whole number, found one with a fraction")),
                }
            }
        }

        impl Encode for $type {
            fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
                w.number(self);
                Ok(())
            }
        }
    )*};
}

integers!(i8 u8 i16 u16 i32 u32 i64 u64 i128 u128);

impl Decode for f64 {
    const KEEPS_BLANK: bool = false;

    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        c.peek()?;
        let start = c.at();
        let text = c.number()?;
        c.lexical_at(start, text)
    }
}

impl Encode for f64 {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        if !self.is_finite() {
            return Err(w.error("", "JSON has no infinite numbers and no NaN"));
        }
        w.number(self);
        Ok(())
    }
}

/// From a number or a string of one, exactly.
impl Decode for Decimal {
    const KEEPS_BLANK: bool = false;

    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let kind = c.peek()?;
        let start = c.at();
        if kind == Kind::String {
            let text = c.string()?;
            return c.lexical_at(start, &text);
        }
        let text = c.number()?;
        if text.contains(['e', 'E']) {
            return Decimal::from_scientific(text)
                .map_err(|_| c.refuse("a number beyond 28 digits"));
        }
        c.lexical_at(start, text)
    }
}

/// As a number; where a contract wants a string, generated code writes one.
impl Encode for Decimal {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.number(self);
        Ok(())
    }
}

macro_rules! texts {
    ($($type:ident)*) => {$(
        impl Decode for $type {
            const KEEPS_BLANK: bool = <$type as Lexical>::KEEPS_BLANK;

            fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
                c.text()
            }
        }

        impl Encode for $type {
            fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
                w.text(self);
                Ok(())
            }
        }
    )*};
}

texts!(Time Period Base64 Hex);

impl Decode for Date {
    const KEEPS_BLANK: bool = false;

    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        c.text()
    }
}

/// Without a zone, which dates of RFC 3339 do not have.
impl Encode for Date {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.text(&Self::from_unix_days(self.unix_days()));
        Ok(())
    }
}

/// RFC 3339 and what platforms write in its place: `+0000` for `+00:00`, a space for the `T`, no
/// zone at all.
impl Decode for DateTime {
    const KEEPS_BLANK: bool = false;

    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        c.peek()?;
        let start = c.at();
        let text = c.string()?;
        let text = text.trim();
        match text.split_once(' ') {
            Some((date, time)) => c.lexical_at(start, &format!("{date}T{time}")),
            None => c.lexical_at(start, text),
        }
    }
}

impl Encode for DateTime {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.text(self);
        Ok(())
    }
}

macro_rules! identifiers {
    ($($type:ident)*) => {$(
        /// From a string, or a whole number; any other number has lost digits.
        impl Decode for $type {
            fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
                Ok(Self::from_wire(&c.digits_text()?))
            }
        }

        impl Encode for $type {
            fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
                w.string(self.as_str());
                Ok(())
            }
        }
    )*};
}

identifiers!(Iccid Imsi Msisdn Eid Imei);

impl<T: Decode> Decode for Vec<T> {
    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        c.array(T::decode)
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.array(self, |w, item| item.encode(w))
    }
}

impl<T: Decode> Decode for Items<T> {
    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        c.items()
    }
}

impl<T: Encode> Encode for Items<T> {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.array(self, |w, item| match item {
            Ok(item) => item.encode(w),
            Err(_) => Err(w.error("", BAD_ITEM)),
        })
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        c.map(T::decode)
    }
}

impl<T: Encode> Encode for BTreeMap<String, T> {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.map(self, |w, value| value.encode(w))
    }
}
