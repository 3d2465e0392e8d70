//! What the sandbox has seen: one entry per request, in the order of arrival.

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use crate::fleet::SimId;
use crate::lock;

/// Service and operation of downloads of reports.
pub(crate) const DOWNLOAD: &str = "download";

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Still being worked on.
    Pending,
    /// Carried out and answered.
    Ok,
    /// Refused by the sandbox's own rules; the code, as in `POL 1005`.
    Fault(String),
    /// A test had asked for trouble; what kind (`SVR 1006`, `cut`, `html`, …).
    Injected(String),
    /// Refused below SOAP: wrong path, method or content type.
    Http,
}

impl Outcome {
    /// The fault code, own or injected.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Fault(code) | Self::Injected(code) => Some(code),
            Self::Pending | Self::Ok | Self::Http => None,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending => f.write_str("pending"),
            Self::Ok => f.write_str("ok"),
            Self::Fault(code) => f.write_str(code),
            Self::Injected(what) => write!(f, "injected {what}"),
            Self::Http => f.write_str("http"),
        }
    }
}

/// Where the clock of [`Entry::to_json`] begins.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The file in the recording directory with a line of JSON for every request.
pub const JOURNAL_FILE: &str = "journal.jsonl";

/// One request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Entry {
    /// Number of the request, from 1; also after [`Journal::clear`] it goes on.
    pub sequence: u64,
    /// When the whole request had arrived: the time that the rate limits count. It is taken from
    /// tokio's clock, so that tests that pause that clock need not wait.
    pub arrival: Instant,
    /// The same on the wall clock.
    pub wall: SystemTime,
    /// Organisation of the client certificate; empty for downloads. Of a call to a platform other
    /// than Kite the account that its token belongs to; empty if it has no valid one.
    pub organisation: String,
    /// Whether the client has presented a certificate. Only Kite's services ask for one.
    pub client_certificate: bool,
    /// Where it came from. Requests of one connection have the same port.
    pub peer: SocketAddr,
    /// Service segment of the URL: `Inventory`; `download` for downloads of reports; `kpn-msm`,
    /// `telekom-bsc` or `masstack-partners` for the other platforms. The whole path when there is no
    /// such service.
    pub service: String,
    /// Version segment of the URL: `v12`; empty for downloads.
    pub version: String,
    /// Operation; empty when the request was not understood; `download` for downloads of reports,
    /// `token` for calls for a token.
    pub operation: String,
    /// The `SOAPAction` header, as sent.
    pub soap_action: Option<String>,
    /// The `Content-Type` header, as sent.
    pub content_type: Option<String>,
    /// The SIM that it is about.
    pub sim: Option<SimId>,
    /// HTTP status of the answer, also when it was cut off; 0 when there was none to be sent.
    pub status: u16,
    /// What became of it.
    pub outcome: Outcome,
    /// The request's body, when the sandbox [keeps bodies](Journal::keep_bodies).
    pub body: Option<Bytes>,
}

impl Entry {
    /// Extension of the file that its body is recorded in, if it is worth it: downloads have none,
    /// and forms hold passwords.
    fn recorded_as(&self) -> Option<&'static str> {
        let content_type = self.content_type.as_deref().unwrap_or_default();
        if content_type.starts_with("application/json") {
            return Some("json");
        }
        let has_xml = self.client_certificate && self.operation != DOWNLOAD;
        has_xml.then_some("xml")
    }

    /// The entry as one line of JSON, without the body. `time` is the wall clock's; `arrival` is in
    /// seconds on the steady clock that the rate limits go by, which begins with this process.
    #[must_use]
    pub fn to_json(&self) -> String {
        let since = self.wall.duration_since(UNIX_EPOCH).unwrap_or_default();
        serde_json::json!({
            "sequence": self.sequence,
            "time": since.as_secs_f64(),
            "arrival": self.arrival.saturating_duration_since(*BEGINNING).as_secs_f64(),
            "organisation": self.organisation,
            "clientCertificate": self.client_certificate,
            "peer": self.peer.to_string(),
            "service": self.service,
            "version": self.version,
            "operation": self.operation,
            "soapAction": self.soap_action,
            "sim": self.sim.as_ref().map(ToString::to_string),
            "status": self.status,
            "outcome": self.outcome.to_string(),
        })
        .to_string()
    }
}

/// Every request since the start, or since [`clear`](Self::clear). A request that did not arrive
/// in full is not listed.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Mutex<Vec<Entry>>,
    sequence: AtomicU64,
    keep_bodies: AtomicBool,
    failed_handshakes: AtomicU64,
    connections: AtomicU64,
    record_dir: Option<PathBuf>,
}

impl Journal {
    pub(crate) fn new(record_dir: Option<PathBuf>) -> Self {
        LazyLock::force(&BEGINNING);
        Self {
            record_dir,
            ..Self::default()
        }
    }

    /// Everything so far, in the order of arrival.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Entry> {
        lock(&self.entries).clone()
    }

    /// How many requests there were for an operation, whatever became of them. Of operations that
    /// several services have, `telekom-bsc/token` is that of one of them.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.count_where(|e| match operation.split_once('/') {
            Some((service, operation)) => e.service == service && e.operation == operation,
            None => e.operation == operation,
        })
    }

    /// How many requests fit.
    pub fn count_where(&self, fits: impl Fn(&Entry) -> bool) -> usize {
        lock(&self.entries).iter().filter(|e| fits(e)).count()
    }

    /// Requests that were refused for their rate by the sandbox's own limits (not by injection).
    #[must_use]
    pub fn refused(&self) -> usize {
        self.count_where(|e| e.outcome == Outcome::Fault("POL 1005".to_owned()))
    }

    /// The largest number of requests of an operation in any window of one second, refused ones
    /// included. The empty name means all operations of Kite; downloads of reports are none.
    #[must_use]
    pub fn max_in_any_second(&self, operation: &str) -> usize {
        let entries = lock(&self.entries);
        let fits = |e: &&Entry| match operation {
            "" => e.client_certificate && e.operation != DOWNLOAD,
            _ => e.operation == operation,
        };
        max_in_any_second(entries.iter().filter(fits).map(|e| e.arrival))
    }

    /// Forgets the entries.
    pub fn clear(&self) {
        lock(&self.entries).clear();
    }

    /// Whether entries keep the bodies of requests (off unless asked for).
    pub fn keep_bodies(&self, on: bool) {
        self.keep_bodies.store(on, Ordering::Relaxed);
    }

    /// TLS handshakes that failed: no certificate, a stranger's, a wrong version.
    #[must_use]
    pub fn failed_handshakes(&self) -> u64 {
        self.failed_handshakes.load(Ordering::Relaxed)
    }

    /// Connections whose handshake succeeded, without those for downloads of reports.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Writes every entry as a line of JSON.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_json_lines(&self, file: &Path) -> std::io::Result<()> {
        let mut out = std::io::BufWriter::new(File::create(file)?);
        for entry in self.snapshot() {
            writeln!(out, "{}", entry.to_json())?;
        }
        out.flush()
    }

    pub(crate) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn handshake_failed(&self) {
        self.failed_handshakes.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds an entry, gives it its number and keeps its body if asked for.
    pub(crate) fn begin(&self, mut entry: Entry, body: &Bytes) -> u64 {
        let mut entries = lock(&self.entries);
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed) + 1;
        entry.sequence = sequence;
        if self.keep_bodies.load(Ordering::Relaxed) {
            entry.body = Some(body.clone());
        }
        entries.push(entry);
        sequence
    }

    /// Says what became of a request. If recording was asked for, writes its line to
    /// [`JOURNAL_FILE`], and its body to a file if it was carried out.
    pub(crate) fn finish(&self, sequence: u64, status: u16, outcome: Outcome, body: &Bytes) {
        let mut entries = lock(&self.entries);
        // Entries are sorted by number; after `clear` this one may be gone.
        let Ok(at) = entries.binary_search_by_key(&sequence, |e| e.sequence) else {
            return;
        };
        let entry = &mut entries[at];
        entry.status = status;
        entry.outcome = outcome;
        let Some(dir) = &self.record_dir else { return };
        let line = entry.to_json() + "\n";
        let file = dir.join(JOURNAL_FILE);
        let file = File::options().create(true).append(true).open(file);
        if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
            eprintln!("mno-sandbox: cannot write {JOURNAL_FILE}: {error}");
        }
        if entry.outcome == Outcome::Ok
            && !body.is_empty()
            && let Some(extension) = entry.recorded_as()
        {
            let name = format!("{sequence:05}-{}.{extension}", entry.operation);
            if let Err(error) = std::fs::write(dir.join(&name), body) {
                eprintln!("mno-sandbox: cannot record {name}: {error}");
            }
        }
    }
}

/// The largest number of instants in a half-open window of one second.
fn max_in_any_second(arrivals: impl Iterator<Item = Instant>) -> usize {
    let mut window = VecDeque::new();
    let mut max = 0;
    for arrival in arrivals {
        window.push_back(arrival);
        while window
            .front()
            .is_some_and(|first: &Instant| arrival.duration_since(*first) >= Duration::from_secs(1))
        {
            window.pop_front();
        }
        max = max.max(window.len());
    }
    max
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn entry(operation: &str) -> Entry {
        Entry {
            sequence: 0,
            arrival: Instant::now(),
            wall: SystemTime::now(),
            organisation: "Acme".into(),
            client_certificate: true,
            peer: ([127, 0, 0, 1], 1).into(),
            service: "Inventory".into(),
            version: "v12".into(),
            operation: operation.into(),
            soap_action: None,
            content_type: None,
            sim: Some(SimId::icc("8999000000000000018")),
            status: 0,
            outcome: Outcome::Pending,
            body: None,
        }
    }

    #[test]
    fn windows_are_half_open() {
        let start = Instant::now();
        let at = |ms: &u64| start + Duration::from_millis(*ms);
        let max = |ms: &[u64]| max_in_any_second(ms.iter().map(at));
        assert_eq!(max(&[]), 0);
        assert_eq!(max(&[0, 1000, 2000]), 1);
        assert_eq!(max(&[0, 999, 1000, 1998]), 3);
    }

    #[test]
    fn counting_and_recording() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::new(Some(dir.path().into()));
        let body = Bytes::from_static(b"<x/>");
        let add = |operation, outcome| {
            let sequence = journal.begin(entry(operation), &body);
            journal.finish(sequence, 200, outcome, &body);
        };
        add("echo", Outcome::Ok);
        journal.keep_bodies(true);
        add("echo", Outcome::Fault("POL 1005".into()));
        add("sendSMS", Outcome::Injected("POL 1005".into()));
        assert_eq!(journal.count("echo"), 2);
        assert_eq!(journal.refused(), 1);
        assert_eq!(journal.max_in_any_second(""), 3);
        let all = journal.snapshot();
        assert_eq!((all[0].sequence, all[0].body.is_some()), (1, false));
        assert_eq!((all[1].sequence, all[1].body.is_some()), (2, true));
        assert!(dir.path().join("00001-echo.xml").exists());
        assert!(!dir.path().join("00002-echo.xml").exists());
        assert!(all[0].to_json().contains("icc:8999000000000000018"));
        journal.clear();
        assert_eq!(journal.snapshot().len(), 0);
    }
}
