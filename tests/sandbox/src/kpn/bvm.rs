//! BVM ordered in bulk, by a file.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::clock::Stamp;
use super::orders::{Kind, Order};
use super::refusal::Refusal;
use super::request::{Answer, Answered, Request};
use super::state::{Attachment, ContractState, Privilege, State, next};

/// The columns are made up; those of the platform are not documented.
const HEADER: &str = "phoneNumber;kggNumber";
const MAX_BYTES: usize = 128 * 1024;
const MAX_ROWS: usize = 2000;

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Voice {
    En,
    Nl,
}

impl State {
    pub(super) fn bvm_availability(&self, _: &Request) -> Answered {
        let may = self.may(Privilege::BulkUploadDataOfEndUser);
        Ok(Answer::Json(json!({
            "visible": may,
            "enabled": may && !self.frozen,
            "blockingOrders": [],
        })))
    }

    pub(super) fn order_bvm(&mut self, request: &Request) -> Answered {
        for name in [
            "companyName",
            "companyNamePronunciation",
            "voiceMailMessage",
        ] {
            request.needed(name)?;
        }
        request.needed("voiceLanguage")?;
        request.choice::<Voice>("voiceLanguage")?;
        let reference = request.text("customerReferenceNumber")?.map(str::to_owned);
        let read = |text| {
            Stamp::parse(text).ok_or_else(|| Refusal::invalid("wishDate is not a date with time"))
        };
        let wish = request.text("wishDate")?.map(read).transpose()?;
        let (name, file) = file(&request.content_type, &request.body)?;
        if file.len() > MAX_BYTES {
            return Err(Refusal::new(413, None, "The file has more than 128 KB"));
        }
        let numbers = numbers(&file)?;
        let contract = |number: &&str| {
            self.contracts
                .values()
                .find(|c| c.state == ContractState::Active && c.mobile.as_deref() == Some(*number))
        };
        let contracts: Vec<_> = numbers.iter().filter_map(contract).map(|c| c.id).collect();
        if contracts.len() != numbers.len() {
            return Err(Refusal::bad(
                "SUBSCRIPTIONS_NOT_FOUND",
                format!(
                    "{} of the numbers have no active contract",
                    numbers.len() - contracts.len()
                ),
            ));
        }
        let title = ("Business voicemail", "Zakelijke voicemail");
        let company = request.needed("companyName")?.to_owned();
        let mut order = Order::new(Kind::ServiceRequest, "orderBvm", title, company)
            .reference(reference)
            .wish(wish);
        order.contracts = contracts;
        order.attachments = vec![Attachment {
            id: next(&mut self.ids.attachment),
            name,
            body: file,
        }];
        let id = self.place(order)?;
        self.summary(id)
    }
}

/// The telephone numbers of a file.
fn numbers(file: &[u8]) -> Result<Vec<&str>, Refusal> {
    let wrong = || Refusal::bad("INVALID_BVM_FILE", "The file is empty or not in UTF-8");
    let text = std::str::from_utf8(file).map_err(|_| wrong())?;
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let header = lines.next().ok_or_else(wrong)?.trim();
    if [",", "\t", "|"]
        .iter()
        .any(|s| header == HEADER.replace(';', s))
    {
        return Err(Refusal::bad(
            "WRONG_COLUMN_SEPARATOR",
            "Columns are separated by ;",
        ));
    }
    if header != HEADER {
        return Err(Refusal::bad(
            "MISSING_HEADER_IN_FILE",
            format!("The first line is {HEADER}"),
        ));
    }
    let rows: Vec<_> = lines
        .map(|line| line.trim().split(';').collect::<Vec<_>>())
        .collect();
    if rows.is_empty() {
        return Err(wrong());
    }
    if rows.len() > MAX_ROWS {
        return Err(Refusal::bad(
            "MAXIMUM_AMOUNT_OF_ROWS_EXCEEDED",
            format!("The file has more than {MAX_ROWS} rows"),
        ));
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut numbers = Vec::new();
    let mut kgg = BTreeSet::new();
    for (at, row) in rows.iter().enumerate() {
        match row[..] {
            [number, group] if super::subscribers::is_mobile(number) && digits(group) => {
                numbers.push(number);
                kgg.insert(group);
            }
            _ => {
                return Err(Refusal::bad(
                    "RECORDS_NOT_VALID_IN_FILE",
                    format!("Line {} is not valid", at + 2),
                ));
            }
        }
    }
    let unique: BTreeSet<_> = numbers.iter().collect();
    if unique.len() != numbers.len() {
        return Err(Refusal::bad(
            "PHONE_NUMBERS_NOT_UNIQUE",
            "A telephone number is there twice",
        ));
    }
    if kgg.len() > 1 {
        return Err(Refusal::bad(
            "KGG_NUMBERS_NOT_EQUAL",
            "All lines have the same kggNumber",
        ));
    }
    Ok(numbers)
}

/// Name and content of the part `subscriptionsFile` of an upload (RFC 7578).
fn file(content_type: &str, body: &Bytes) -> Result<(String, Bytes), Refusal> {
    let (media, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !media.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(Refusal::invalid("The body must be multipart/form-data"));
    }
    let boundary = parameter(parameters, "boundary")
        .filter(|b| !b.is_empty())
        .ok_or_else(|| Refusal::invalid("The content type has no boundary"))?;
    // The line break before a delimiter belongs to it, and the first one has none to be found.
    let delimiter = format!("\r\n--{boundary}");
    let first = &delimiter[2..];
    let mut at = if body.starts_with(first.as_bytes()) {
        first.len()
    } else {
        let preamble = find(body, delimiter.as_bytes(), 0);
        preamble.ok_or_else(broken)? + delimiter.len()
    };
    while !body[at..].starts_with(b"--") {
        let start = find(body, b"\r\n", at).ok_or_else(broken)? + 2;
        let blank = find(body, b"\r\n\r\n", start - 2).ok_or_else(broken)?;
        let content = blank + 4;
        let end = find(body, delimiter.as_bytes(), content - 2).ok_or_else(broken)?;
        let head = String::from_utf8_lossy(&body[start.min(blank)..blank]);
        let disposition = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let fits = name.trim().eq_ignore_ascii_case("content-disposition");
            fits.then_some(value)
        });
        let disposition = disposition.ok_or_else(broken)?;
        if parameter(disposition, "name").as_deref() == Some("subscriptionsFile") {
            let name = parameter(disposition, "filename");
            let name = name.ok_or_else(|| Refusal::invalid("subscriptionsFile is no file"))?;
            return Ok((name, body.slice(content..end.max(content))));
        }
        at = end + delimiter.len();
    }
    Err(Refusal::invalid("The part subscriptionsFile is missing"))
}

fn broken() -> Refusal {
    Refusal::invalid("The upload is broken")
}

fn find(body: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let rest = body.get(from..)?;
    let found = rest.windows(what.len()).position(|w| w == what)?;
    Some(from + found)
}

/// A parameter of a header, with or without quotes.
fn parameter(text: &str, name: &str) -> Option<String> {
    text.split(';').find_map(|piece| {
        let (key, value) = piece.split_once('=')?;
        let fits = key.trim().eq_ignore_ascii_case(name);
        fits.then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn upload(body: &'static str) -> Result<(String, Bytes), Refusal> {
        let body = Bytes::from_static(body.as_bytes());
        file("multipart/form-data; boundary=\"xx\"", &body)
    }

    #[test]
    fn uploads() {
        let whole = "--xx\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--xx\r\n\
                     content-disposition: form-data; name=\"subscriptionsFile\"; filename=\"a.csv\"\r\n\
                     Content-Type: text/csv\r\n\r\na\r\n\r\nb\r\n--xx--\r\n";
        let (name, body) = upload(whole).unwrap();
        assert_eq!((name.as_str(), &body[..]), ("a.csv", &b"a\r\n\r\nb"[..]));
        let empty = "--xx\r\nContent-Disposition: form-data; name=\"subscriptionsFile\"; \
                     filename=\"a.csv\"\r\n\r\n\r\n--xx--";
        assert!(upload(empty).unwrap().1.is_empty());
        for wrong in [
            "",
            "--xx--",
            "--xx\r\n",
            "--xx\r\n\r\nno head\r\n--xx--",
            "--xx\r\nContent-Disposition: form-data; name=\"subscriptionsFile\"\r\n\r\nx\r\n--xx--",
            "--xx\r\nContent-Disposition: form-data; name=\"subscriptionsFile\"; filename=\"a\"\r\n\r\nx",
        ] {
            assert_eq!(upload(wrong).unwrap_err().status, 400, "{wrong}");
        }
        let other = file("text/csv", &Bytes::new()).unwrap_err();
        assert_eq!(other.status, 400);
    }

    #[test]
    fn files() {
        let code = |text: &str| numbers(text.as_bytes()).map_err(|r| r.name.unwrap()).err();
        let good = "phoneNumber;kggNumber\r\n99960000001;17\r\n99960000002;17\r\n";
        assert_eq!(
            numbers(good.as_bytes()).unwrap(),
            ["99960000001", "99960000002"]
        );
        let long = (0..2001).fold("phoneNumber;kggNumber\n".to_owned(), |text, n| {
            text + &format!("9996{n:07};1\n")
        });
        for (text, expected) in [
            ("", "INVALID_BVM_FILE"),
            ("phoneNumber;kggNumber\n", "INVALID_BVM_FILE"),
            (
                "phoneNumber,kggNumber\n99960000001,1",
                "WRONG_COLUMN_SEPARATOR",
            ),
            ("99960000001;1", "MISSING_HEADER_IN_FILE"),
            ("phoneNumber;kggNumber\n12;1", "RECORDS_NOT_VALID_IN_FILE"),
            (
                "phoneNumber;kggNumber\n99960000001",
                "RECORDS_NOT_VALID_IN_FILE",
            ),
            (
                "phoneNumber;kggNumber\n99960000001;1\n99960000001;1",
                "PHONE_NUMBERS_NOT_UNIQUE",
            ),
            (
                "phoneNumber;kggNumber\n99960000001;1\n99960000002;2",
                "KGG_NUMBERS_NOT_EQUAL",
            ),
            (long.as_str(), "MAXIMUM_AMOUNT_OF_ROWS_EXCEEDED"),
        ] {
            assert_eq!(
                code(text),
                Some(expected),
                "{}",
                &text[..text.len().min(40)]
            );
        }
        assert_eq!(
            numbers(&[0xff, 0xfe]).unwrap_err().name,
            Some("INVALID_BVM_FILE")
        );
    }
}
