//! Rust types of simple values.

use crate::config::Identifier;
use crate::model::Builtin;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[rustfmt::skip]
pub(crate) enum Scalar {
    String, Bool, I8, U8, I16, U16, I32, U32, I64, U64, I128, U128, Decimal, F64,
    DateTime, Date, Time, YearMonth, Year, MonthDay, Day, Month, Period, Base64, Hex,
    Iccid, Imsi, Msisdn, Eid, Imei,
}

impl Scalar {
    pub(super) fn of(builtin: Builtin) -> Option<Self> {
        use Builtin as B;
        Some(match builtin {
            B::AnyType => return None,
            B::AnySimpleType | B::String | B::NormalizedString | B::Token | B::Tokens => {
                Self::String
            }
            B::Boolean => Self::Bool,
            B::Byte => Self::I8,
            B::UnsignedByte => Self::U8,
            B::Short => Self::I16,
            B::UnsignedShort => Self::U16,
            B::Int => Self::I32,
            B::UnsignedInt => Self::U32,
            B::Long => Self::I64,
            B::UnsignedLong => Self::U64,
            B::Integer | B::NonPositiveInteger | B::NegativeInteger => Self::I128,
            B::NonNegativeInteger | B::PositiveInteger => Self::U128,
            B::Decimal => Self::Decimal,
            // Platforms write more digits into an xs:float than 32 bits hold.
            B::Float | B::Double => Self::F64,
            B::DateTime => Self::DateTime,
            B::Date => Self::Date,
            B::Time => Self::Time,
            B::GYearMonth => Self::YearMonth,
            B::GYear => Self::Year,
            B::GMonthDay => Self::MonthDay,
            B::GDay => Self::Day,
            B::GMonth => Self::Month,
            B::Duration => Self::Period,
            B::Base64Binary => Self::Base64,
            B::HexBinary => Self::Hex,
        })
    }

    /// Rust name: a primitive, or a type of `mno_runtime::values`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Bool => "bool",
            Self::I8 => "i8",
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::U16 => "u16",
            Self::I32 => "i32",
            Self::U32 => "u32",
            Self::I64 => "i64",
            Self::U64 => "u64",
            Self::I128 => "i128",
            Self::U128 => "u128",
            Self::Decimal => "Decimal",
            Self::F64 => "f64",
            Self::DateTime => "DateTime",
            Self::Date => "Date",
            Self::Time => "Time",
            Self::YearMonth => "YearMonth",
            Self::Year => "Year",
            Self::MonthDay => "MonthDay",
            Self::Day => "Day",
            Self::Month => "Month",
            Self::Period => "Period",
            Self::Base64 => "Base64",
            Self::Hex => "Hex",
            Self::Iccid => "Iccid",
            Self::Imsi => "Imsi",
            Self::Msisdn => "Msisdn",
            Self::Eid => "Eid",
            Self::Imei => "Imei",
        }
    }

    pub(crate) fn is_primitive(self) -> bool {
        !matches!(self.name().as_bytes().first(), Some(b'A'..=b'Z'))
    }

    pub(crate) fn is_integer(self) -> bool {
        matches!(
            self,
            Self::I8
                | Self::U8
                | Self::I16
                | Self::U16
                | Self::I32
                | Self::U32
                | Self::I64
                | Self::U64
                | Self::I128
                | Self::U128
        )
    }

    pub(super) fn identifier(id: Identifier) -> Self {
        match id {
            Identifier::Iccid => Self::Iccid,
            Identifier::Imsi => Self::Imsi,
            Identifier::Msisdn => Self::Msisdn,
            Identifier::Eid => Self::Eid,
            Identifier::Imei => Self::Imei,
        }
    }
}

pub(super) fn xs_name(builtin: Builtin) -> &'static str {
    use Builtin as B;
    match builtin {
        B::AnyType => "xs:anyType",
        B::AnySimpleType => "xs:anySimpleType",
        B::String => "xs:string",
        B::NormalizedString => "xs:normalizedString",
        B::Token => "xs:token",
        B::Tokens => "xs:NMTOKENS",
        B::Boolean => "xs:boolean",
        B::Byte => "xs:byte",
        B::UnsignedByte => "xs:unsignedByte",
        B::Short => "xs:short",
        B::UnsignedShort => "xs:unsignedShort",
        B::Int => "xs:int",
        B::UnsignedInt => "xs:unsignedInt",
        B::Long => "xs:long",
        B::UnsignedLong => "xs:unsignedLong",
        B::Integer => "xs:integer",
        B::NonNegativeInteger => "xs:nonNegativeInteger",
        B::PositiveInteger => "xs:positiveInteger",
        B::NonPositiveInteger => "xs:nonPositiveInteger",
        B::NegativeInteger => "xs:negativeInteger",
        B::Decimal => "xs:decimal",
        B::Float => "xs:float",
        B::Double => "xs:double",
        B::DateTime => "xs:dateTime",
        B::Date => "xs:date",
        B::Time => "xs:time",
        B::GYearMonth => "xs:gYearMonth",
        B::GYear => "xs:gYear",
        B::GMonthDay => "xs:gMonthDay",
        B::GDay => "xs:gDay",
        B::GMonth => "xs:gMonth",
        B::Duration => "xs:duration",
        B::Base64Binary => "xs:base64Binary",
        B::HexBinary => "xs:hexBinary",
    }
}
