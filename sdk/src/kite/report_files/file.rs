//! Files of a report and their rows.

use std::collections::HashMap;
use std::fmt;
use std::io::Cursor;
use std::sync::Arc;

use mno_runtime::values::Date;
use mno_runtime::{Error, ErrorKind};

/// One CSV of a report, in memory.
#[derive(Clone)]
pub struct ReportFile {
    report_id: String,
    name: String,
    content: Vec<u8>,
}

impl ReportFile {
    pub(super) fn new(name: String, content: Vec<u8>) -> Self {
        Self {
            report_id: String::new(),
            name,
            content,
        }
    }

    /// The same, of this report.
    pub(crate) fn of(mut self, report_id: &str) -> Self {
        report_id.clone_into(&mut self.report_id);
        self
    }

    /// Id of the report that the file is of: one order may make two reports.
    #[must_use]
    pub fn report_id(&self) -> &str {
        &self.report_id
    }

    /// Name in the ZIP; empty for a bare CSV.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Type, organisation, transaction and period, as the name has them
    /// (`[type]_[organizationId]_[transactionId]_[period].csv`).
    #[must_use]
    pub fn parts(&self) -> Option<FileName<'_>> {
        let stem = self.name.rsplit('/').next()?.strip_suffix(".csv")?;
        // The type may hold underscores itself: the other three are taken from the end.
        let mut parts = stem.rsplitn(4, '_');
        let period = parts.next()?;
        let transaction = parts.next()?;
        let organisation = parts.next()?;
        let kind = parts.next()?;
        Some(FileName {
            kind,
            organisation,
            transaction,
            period,
        })
    }

    /// The file as it came, for those who store it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.content
    }

    /// The rows, by the names of the header; the delimiter is `;`.
    ///
    /// # Errors
    /// When there is no header; later, per row, when a row has more or fewer values than it.
    pub fn rows(&self) -> Result<Rows<'_>, Error> {
        let (names, records) = read(self.content.as_slice())?;
        Ok(Rows { names, records })
    }

    /// The rows of a daily consumption report (`consumption_daily`), typed.
    ///
    /// # Errors
    /// When the header is another one; later, per row, when a value is not of its type.
    pub fn daily_consumption(
        &self,
    ) -> Result<impl Iterator<Item = Result<DailyConsumption, Error>>, Error> {
        let rows = self.rows()?;
        for name in ["Date", "Voice", "SMS", "Data"] {
            if !rows.names.contains_key(name) {
                let message =
                    format!("the report has no column {name}: is it a daily consumption?");
                return Err(Error::new(ErrorKind::UnexpectedResponse, message));
            }
        }
        Ok(rows.map(|row| DailyConsumption::read(&row?)))
    }
}

impl fmt::Debug for ReportFile {
    /// Shows name and size: the content is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ReportFile({:?}, {} bytes)",
            self.name,
            self.content.len()
        )
    }
}

/// A file's name, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileName<'a> {
    /// Which report.
    pub kind: &'a str,
    /// Id of the organisation.
    pub organisation: &'a str,
    /// Id of the transaction.
    pub transaction: &'a str,
    /// Day, month or range.
    pub period: &'a str,
}

/// The rows of a [`ReportFile`], one after the other.
pub struct Rows<'a> {
    names: Arc<HashMap<String, usize>>,
    records: csv::ByteRecordsIntoIter<Cursor<&'a [u8]>>,
}

impl Rows<'_> {
    /// Names of the columns, in the order of the file.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        in_order(&self.names)
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        Some(record.map_err(broken).map(|record| Row {
            names: Arc::clone(&self.names),
            record,
        }))
    }
}

/// Names of columns, and the rows below them.
type Table<R> = (Arc<HashMap<String, usize>>, csv::ByteRecordsIntoIter<R>);

fn read<R: AsRef<[u8]>>(content: R) -> Result<Table<Cursor<R>>, Error> {
    let has_mark = content.as_ref().starts_with(b"\xef\xbb\xbf");
    let mut bytes = Cursor::new(content);
    bytes.set_position(if has_mark { 3 } else { 0 });
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
    let header = reader.byte_headers().map_err(broken)?;
    if header.is_empty() {
        return Err(Error::new(
            ErrorKind::UnexpectedResponse,
            "the report has no header",
        ));
    }
    let names: HashMap<String, usize> = header
        .iter()
        .enumerate()
        .map(|(i, name)| (text(name), i))
        .collect();
    Ok((Arc::new(names), reader.into_byte_records()))
}

fn in_order(names: &HashMap<String, usize>) -> Vec<&str> {
    let mut all: Vec<_> = names.iter().collect();
    all.sort_unstable_by_key(|(_, index)| **index);
    all.into_iter().map(|(name, _)| name.as_str()).collect()
}

/// The rows of all files of a report about the whole fleet, one after another.
#[must_use]
pub struct FleetRows {
    files: std::vec::IntoIter<ReportFile>,
    current: Option<Table<Cursor<Vec<u8>>>>,
}

impl FleetRows {
    #[allow(dead_code)] // the handle's over SOAP
    pub(crate) fn new(files: Vec<ReportFile>) -> Self {
        Self {
            files: files.into_iter(),
            current: None,
        }
    }
}

impl Iterator for FleetRows {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((names, records)) = &mut self.current
                && let Some(record) = records.next()
            {
                let names = Arc::clone(names);
                return Some(record.map_err(broken).map(|record| Row { names, record }));
            }
            match read(self.files.next()?.content) {
                Ok(table) => self.current = Some(table),
                Err(error) => {
                    self.current = None;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl fmt::Debug for FleetRows {
    /// Shows how many files are left: rows are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FleetRows({} more files)", self.files.len())
    }
}

/// One row of a report.
#[derive(Clone)]
pub struct Row {
    names: Arc<HashMap<String, usize>>,
    record: csv::ByteRecord,
}

impl Row {
    /// Names of the columns, in the order of the file.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        in_order(&self.names)
    }

    /// The value of a column by its name; `None` when it is blank, or there is no such
    /// [column](Self::columns).
    #[must_use]
    pub fn get(&self, column: &str) -> Option<String> {
        let value = text(self.record.get(*self.names.get(column)?)?);
        (!value.is_empty()).then_some(value)
    }
}

impl fmt::Debug for Row {
    /// Shows how many values there are: they are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({} values)", self.record.len())
    }
}

/// A row of `consumption_daily`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DailyConsumption {
    /// The day.
    pub date: Date,
    /// Id of the subscription, when subscriptions were asked for.
    pub subscription_id: Option<String>,
    /// Id of the subscription group, when groups were asked for.
    pub commercial_group_id: Option<String>,
    /// Id of the billing account, when billing accounts were asked for.
    pub billing_account_id: Option<String>,
    /// Voice, in seconds.
    pub voice: u64,
    /// Short messages.
    pub sms: u64,
    /// Data, in bytes.
    pub data: u64,
}

impl DailyConsumption {
    fn read(row: &Row) -> Result<Self, Error> {
        let number = |name: &str| match row.get(name) {
            None => Ok(0),
            Some(value) => value.parse().map_err(|_| bad(name, "a number")),
        };
        let date = row.get("Date").ok_or_else(|| bad("Date", "a day"))?;
        Ok(Self {
            date: day(&date).ok_or_else(|| bad("Date", "a day like 31/01/2031"))?,
            subscription_id: row.get("Subscription ID"),
            commercial_group_id: row.get("Commercial Group ID"),
            billing_account_id: row.get("Billing Account ID"),
            voice: number("Voice")?,
            sms: number("SMS")?,
            data: number("Data")?,
        })
    }
}

impl fmt::Debug for DailyConsumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DailyConsumption")
            .field("date", &self.date)
            .field("voice", &self.voice)
            .field("sms", &self.sms)
            .field("data", &self.data)
            .finish_non_exhaustive()
    }
}

/// `31/01/2031`.
fn day(text: &str) -> Option<Date> {
    let mut parts = text.trim().splitn(3, '/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// No encoding is documented: UTF-8, else Latin-1, in which every byte means something.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim().to_owned(),
        Err(_) => bytes
            .iter()
            .map(|b| char::from(*b))
            .collect::<String>()
            .trim()
            .to_owned(),
    }
}

fn broken(error: csv::Error) -> Error {
    let at = error
        .position()
        .map_or_else(String::new, |p| format!(" in line {}", p.line()));
    Error::new(
        ErrorKind::UnexpectedResponse,
        format!("the report's CSV is broken{at}"),
    )
}

fn bad(column: &str, what: &str) -> Error {
    Error::new(
        ErrorKind::UnexpectedResponse,
        format!("a value of the report is not {what}"),
    )
    .with_path(column)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const HEADER: &str = "Date;Service Provider;Customer;Fiscal Number;Commercial Group ID;\
                          Commercial Group Name;Billing Account ID;Billing Account Name;\
                          Subscription ID;Voice;SMS;Data\n";

    #[test]
    fn names_are_taken_apart_from_the_end() {
        let file = ReportFile::new(
            "consumption_daily_customer-0Meadow7Pumps_5a5b5c5d_20310203.csv".to_owned(),
            Vec::new(),
        );
        let parts = file.parts().unwrap();
        assert_eq!(parts.kind, "consumption_daily");
        assert_eq!(parts.organisation, "customer-0Meadow7Pumps");
        assert_eq!((parts.transaction, parts.period), ("5a5b5c5d", "20310203"));
        assert_eq!(
            ReportFile::new("readme.txt".to_owned(), Vec::new()).parts(),
            None
        );
    }

    #[test]
    fn daily_consumption_is_typed_and_anything_else_goes_by_name() {
        let text = format!("\u{feff}{HEADER}03/02/2031;TE;M;;26;\"A;B\";;;sub-1;60;2;1048576\n");
        let file = ReportFile::new(String::new(), text.into_bytes());
        let rows: Vec<_> = file
            .daily_consumption()
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(rows[0].date.to_string(), "2031-02-03");
        assert_eq!(
            (rows[0].voice, rows[0].sms, rows[0].data),
            (60, 2, 1_048_576)
        );
        assert_eq!(rows[0].billing_account_id, None);
        let row = file.rows().unwrap().next().unwrap().unwrap();
        assert_eq!(row.get("Commercial Group Name").unwrap(), "A;B");
        assert_eq!(row.get("No Such Column"), None);
        assert_eq!(row.columns()[..2], ["Date", "Service Provider"]);
        assert_eq!(file.rows().unwrap().columns(), row.columns());
        assert_eq!(row.columns().len(), 12);
    }

    #[test]
    fn a_bad_row_is_that_rows_error() {
        let good = "03/02/2031;;;;;;;;sub-1;60;2;1\n";
        for (bad, words) in [
            ("31/02/2031;;;;;;;;sub-2;60;2;1\n", "a day like"),
            ("03/02/2031;;;;;;;;sub-2;many;2;1\n", "a number"),
            ("03/02/2031;;\n", "CSV is broken in line 3"),
        ] {
            let text = format!("{HEADER}{good}{bad}{good}");
            let file = ReportFile::new(String::new(), text.into_bytes());
            let rows: Vec<_> = file.daily_consumption().unwrap().collect();
            assert!(rows[0].is_ok() && rows[2].is_ok());
            let error = rows[1].as_ref().unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let other = ReportFile::new(String::new(), b"ICC;State\n1;2\n".to_vec());
        assert!(other.daily_consumption().is_err());
        assert_eq!(other.rows().unwrap().count(), 1);
    }

    #[test]
    fn latin_1_is_read_where_it_is_no_utf_8() {
        let file = ReportFile::new(String::new(), b"Name\nA\xf1o\n".to_vec());
        assert_eq!(
            file.rows()
                .unwrap()
                .next()
                .unwrap()
                .unwrap()
                .get("Name")
                .unwrap(),
            "A\u{f1}o"
        );
    }
}
