//! Files of a report: fetched by links that work once, and taken out of their ZIP.

mod file;

use std::io::{Cursor, Read};

use mno_runtime::facts::{Evidence, Idempotency, OperationFacts, Protocol};
use mno_runtime::{Error, ErrorKind};

use super::download::{Certificate, Downloads, Fetched, PlainHttp};

pub use file::{DailyConsumption, FileName, FleetRows, ReportFile, Row, Rows};

/// The download is no operation of the service: it has no limit of its own that is known.
static FACTS: OperationFacts =
    OperationFacts::new("kite", "report download", Protocol::soap11_without_action())
        .budget("kite/download")
        .idempotency(Idempotency::Safe)
        .evidence(Evidence::Documented);

/// The files of a report, each link used once; a link that proves spent is answered by new ones.
/// All of them together have at most `cap` bytes. `asked` is the operation that gives links. (`ask`
/// is no `AsyncFn`: a download could not be a task of its own then, since nothing says that the
/// future of one is `Send`.)
pub(super) async fn fetch<F>(
    downloads: &Downloads,
    plain_http: PlainHttp,
    cap: usize,
    asked: &'static OperationFacts,
    ask: impl Fn() -> F,
) -> Result<Vec<ReportFile>, Error>
where
    F: Future<Output = Result<Vec<String>, Error>>,
{
    let mut files = Vec::new();
    let mut position = 0;
    let mut links = ask().await?;
    let mut renewed = false;
    while let Some(link) = links.get(position) {
        let room = cap.saturating_sub(size(&files));
        match behind(downloads, link, plain_http, room).await? {
            Some(found) => {
                files.extend(found);
                position += 1;
                renewed = false;
            }
            None if !renewed => {
                links = ask().await?;
                renewed = true;
            }
            None => {
                let message = "a fresh link could not be used either: the connection keeps \
                               breaking, or somebody else takes the links of this report";
                return Err(
                    Error::new(ErrorKind::UnexpectedResponse, message).with_operation(asked)
                );
            }
        }
    }
    Ok(files)
}

/// Bytes of files.
pub(super) fn size(files: &[ReportFile]) -> usize {
    files.iter().map(|file| file.as_bytes().len()).sum()
}

/// What is behind a link; `None` when it has been used already, or is too old.
async fn behind(
    downloads: &Downloads,
    link: &str,
    plain_http: PlainHttp,
    cap: usize,
) -> Result<Option<Vec<ReportFile>>, Error> {
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
            let message = format!(
                "what the link gave has more than {cap} bytes, all that is left of the most \
                 allowed: allow more, or ask for less"
            );
            failed(ErrorKind::UnexpectedResponse, &message)
        })?;
        files.push(ReportFile::new(name, content));
    }
    Ok(files)
}

fn failed(kind: ErrorKind, message: &str) -> Error {
    Error::new(kind, message).with_operation(&FACTS)
}
