//! Fetching the files of a report, and taking them out of their ZIP.

use std::io::{Cursor, Read};

use mno_runtime::facts::{Evidence, Idempotency, OperationFacts, Protocol};
use mno_runtime::{Error, ErrorKind};

use super::{ReportFile, ReportOptions};
use crate::kite::download::{Certificate, Downloads, Fetched, PlainHttp};

/// The download is no operation of the service: it has no limit of its own that is known.
static FACTS: OperationFacts =
    OperationFacts::new("kite", "report download", Protocol::soap11_without_action())
        .budget("kite/download")
        .idempotency(Idempotency::Safe)
        .evidence(Evidence::Documented);

/// What is behind a link; `None` when it has been used already, or is too old.
pub(super) async fn files(
    downloads: &Downloads,
    link: &str,
    options: &ReportOptions,
) -> Result<Option<Vec<ReportFile>>, Error> {
    let cap = options.max_bytes;
    let plain_http = if options.plain_http_links {
        PlainHttp::Allowed
    } else {
        PlainHttp::Refused(
            "on a network that you trust, ReportOptions::allow_plain_http_links(true) downloads \
             it in the clear; the report is still on the platform",
        )
    };
    // (guide 6.5.1.4) Without the client certificate, on whichever host.
    let fetched = downloads.fetch(&FACTS, link, Certificate::Never, plain_http, cap);
    match fetched.await? {
        Fetched::Content(body) => unpack(&body, cap).map(Some),
        Fetched::Spent => Ok(None),
    }
}

/// A ZIP with one or more CSVs, or a CSV: by content, since the guide says both.
fn unpack(body: &[u8], cap: usize) -> Result<Vec<ReportFile>, Error> {
    if !body.starts_with(b"PK\x03\x04") {
        return Ok(vec![ReportFile::new(String::new(), body.to_vec())]);
    }
    let broken = |e: zip::result::ZipError| {
        failed(
            ErrorKind::UnexpectedResponse,
            "the report's ZIP cannot be read",
        )
        .with_source(e)
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(body)).map_err(broken)?;
    let mut files = Vec::new();
    let mut room = cap;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(broken)?;
        if file.is_dir() {
            continue;
        }
        let name = file.name().map_err(broken)?.into_owned();
        let mut content = Vec::new();
        // What a ZIP says of its sizes need not be true.
        let limit = u64::try_from(room).unwrap_or(u64::MAX).saturating_add(1);
        let read = file.take(limit).read_to_end(&mut content);
        read.map_err(|e| {
            failed(
                ErrorKind::UnexpectedResponse,
                "the report's ZIP cannot be read",
            )
            .with_source(e)
        })?;
        room = room.checked_sub(content.len()).ok_or_else(|| {
            let message =
                format!("the report has more than {cap} bytes: allow more, or ask for less");
            failed(ErrorKind::UnexpectedResponse, &message)
        })?;
        files.push(ReportFile::new(name, content));
    }
    Ok(files)
}

fn failed(kind: ErrorKind, message: &str) -> Error {
    Error::new(kind, message).with_operation(&FACTS)
}
