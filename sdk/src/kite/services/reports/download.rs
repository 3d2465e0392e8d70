//! Fetching what a link leads to: once, without the client certificate, with a cap.

use std::io::{Cursor, Read};
use std::sync::Arc;

use bytes::Bytes;
use http::Uri;
use mno_runtime::facts::{Evidence, Idempotency, OperationFacts, Protocol};
use mno_runtime::transport::{Call, Delivery, Transport, TransportError, TransportErrorKind};
use mno_runtime::{Error, ErrorKind};

use super::ReportFile;
use crate::http::HttpsBuilder;

/// The download is no operation of the service: it has no limit of its own that is known.
static FACTS: OperationFacts =
    OperationFacts::new("kite", "report download", Protocol::soap11_without_action())
        .budget("kite/download")
        .idempotency(Idempotency::Safe)
        .evidence(Evidence::Documented);

/// Where downloads go: the link's own host, with the roots of the client and no certificate.
#[derive(Clone)]
pub(crate) enum Downloads {
    Https(HttpsBuilder),
    Double(Arc<dyn Transport>),
}

/// What a link gave.
pub(super) enum Fetched {
    Files(Vec<ReportFile>),
    /// The link has been used, perhaps by a download that got lost, or is too old.
    Spent,
}

impl Downloads {
    pub(super) async fn fetch(&self, link: &str, cap: usize) -> Result<Fetched, Error> {
        let uri: Uri = link
            .trim()
            .parse()
            .map_err(|_| failed(ErrorKind::UnexpectedResponse, "the link cannot be parsed"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(failed(
                ErrorKind::UnexpectedResponse,
                "the link names no host",
            ));
        };
        if scheme != "https" {
            let message = "the link is not an https one, and a report has personal data of the \
                           whole fleet: fetch it by hand, or ask the platform's support";
            return Err(failed(ErrorKind::UnexpectedResponse, message));
        }
        let transport: Arc<dyn Transport> = match self {
            Self::Double(double) => double.clone(),
            Self::Https(https) => {
                let mut https = https.clone();
                https.identity = None;
                https.base_url = format!("https://{authority}");
                Arc::new(https.build()?)
            }
        };
        let target = uri.path_and_query().map_or("/", |t| t.as_str());
        let request = http::Request::get(target).body(Bytes::new()).map_err(|e| {
            failed(ErrorKind::UnexpectedResponse, "the link cannot be parsed").with_source(e)
        })?;
        let answer = async {
            let response = transport.send(Call::new(&FACTS, request)).await?;
            let status = response.status();
            Ok((status, response.into_body().collect(cap).await?))
        };
        let (status, body) = match answer.await {
            Ok(answer) => answer,
            // The link may have been used up by what got lost.
            Err(TransportError {
                kind: TransportErrorKind::Interrupted | TransportErrorKind::Timeout,
                delivery: Delivery::Unknown,
                ..
            }) => return Ok(Fetched::Spent),
            Err(error) => return Err(Error::from_transport(&FACTS, error)),
        };
        if status.is_success() {
            return unpack(&body, cap).map(Fetched::Files);
        }
        let text = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
        if status.as_u16() == 400 && text.contains("does not exist or has expired") {
            return Ok(Fetched::Spent);
        }
        let message = "the report's host refused the download";
        Err(failed(ErrorKind::UnexpectedResponse, message).with_status(status))
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
