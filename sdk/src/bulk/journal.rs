//! The file that says what was written.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use mno_runtime::json::{Value, to_vec};
use mno_runtime::{Error, ErrorKind};

/// What the first line says that the file is.
const KIND: &str = "mno-bulk-1";

/// What a bulk job has written, in a file, so that another run of the same job writes nothing twice.
///
/// The file has a line of JSON for each step: the job, then `sent` before a write leaves and what
/// became of it after. Each line is on the disk (`fsync`) before anything else is done. A last line
/// that was cut off counts as not written: what it would have said had not happened, or is not known.
///
/// It holds ids of items and codes of refusals (`SVC 1021`), and nothing else: for changes of SIMs
/// the id is a hash of the request, for [`Bulk::new`](super::Bulk::new) it is the caller's. A hash
/// keeps an identifier from being read, not from being guessed by somebody who knows the fleet.
///
/// One run at a time: on Unix and Windows the file is locked, and a second run is refused.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    states: HashMap<String, State>,
}

/// What is known of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It may have left; nobody knows.
    Sent,
    Done,
    Refused(String),
    /// It was not processed, for certain.
    Unsent,
}

impl State {
    fn name(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Done => "done",
            Self::Refused(_) => "refused",
            Self::Unsent => "unsent",
        }
    }
}

impl Journal {
    /// Opens the journal of a job, or begins it. The job's name tells it from others: a file of
    /// another job is refused.
    ///
    /// # Errors
    /// [`JournalError`]: the file cannot be opened, is in use, is another job's or no journal.
    pub fn open(path: impl AsRef<Path>, job: &str) -> Result<Self, JournalError> {
        let path = path.as_ref();
        let failed = |kind| move |source| JournalError::new(path, kind, Some(source));
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(windows)]
        std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0);
        let mut file = options.open(path).map_err(failed(JournalErrorKind::Open))?;
        #[cfg(unix)]
        {
            use rustix::fs::{FlockOperation, flock};
            flock(&file, FlockOperation::NonBlockingLockExclusive)
                .map_err(|e| failed(JournalErrorKind::InUse)(e.into()))?;
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text)
            .map_err(failed(JournalErrorKind::Open))?;
        let (states, whole) =
            read(&text, job).map_err(|kind| JournalError::new(path, kind, None))?;
        let mut journal = Self {
            path: path.to_owned(),
            file,
            states,
        };
        let begin = || -> io::Result<()> {
            if whole < text.len() {
                tracing::warn!("the journal's last line was cut off, and is taken away");
                journal.file.set_len(whole as u64)?;
                journal.file.seek(SeekFrom::End(0))?;
            }
            if whole == 0 {
                journal.line([("journal", KIND), ("job", job)])?;
                // The file's name has to be on the disk, too.
                #[cfg(unix)]
                if let Some(folder) = path.parent() {
                    let here = Path::new(".");
                    let folder = if folder.as_os_str().is_empty() {
                        here
                    } else {
                        folder
                    };
                    File::open(folder)?.sync_all()?;
                }
            }
            Ok(())
        };
        let mut begin = begin;
        begin().map_err(failed(JournalErrorKind::Write))?;
        Ok(journal)
    }

    /// How many items have a line.
    #[must_use]
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether no item has a line yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    pub(super) fn state(&self, item: &str) -> Option<State> {
        self.states.get(item).cloned()
    }

    /// Writes what became of an item, to the disk.
    pub(super) fn note(&mut self, item: &str, state: State) -> Result<(), JournalError> {
        let written = match &state {
            State::Refused(code) => {
                self.line([("item", item), ("is", state.name()), ("code", code)])
            }
            _ => self.line([("item", item), ("is", state.name())]),
        };
        written.map_err(|e| JournalError::new(&self.path, JournalErrorKind::Write, Some(e)))?;
        self.states.insert(item.to_owned(), state);
        Ok(())
    }

    fn line<const N: usize>(&mut self, members: [(&str, &str); N]) -> io::Result<()> {
        self.file.write_all(&line_of(members)?)?;
        self.file.sync_data()
    }
}

fn line_of<const N: usize>(members: [(&str, &str); N]) -> io::Result<Vec<u8>> {
    let members: BTreeMap<String, Value> = members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::String(value.to_owned())))
        .collect();
    let mut line = to_vec(&Value::Object(members)).map_err(io::Error::other)?;
    line.push(b'\n');
    Ok(line)
}

/// The items of a journal, and how many bytes of it are whole lines.
fn read(text: &[u8], job: &str) -> Result<(HashMap<String, State>, usize), JournalErrorKind> {
    let mut states = HashMap::new();
    let mut whole = 0;
    let lines = text.split_inclusive(|byte| *byte == b'\n').enumerate();
    for (number, line) in lines {
        let is_last = whole + line.len() == text.len();
        let corrupt = JournalErrorKind::Corrupt { line: number + 1 };
        let is_cut = line.last() != Some(&b'\n');
        let value = std::str::from_utf8(line)
            .ok()
            .filter(|_| !is_cut)
            .and_then(|line| Value::parse(line).ok());
        let Some(value) = value else {
            // A crash leaves half a line at the end, and nowhere else.
            match (is_last, number) {
                (true, _) => break,
                (false, 0) => return Err(JournalErrorKind::NoJournal),
                (false, _) => return Err(corrupt),
            }
        };
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        if number == 0 {
            match (text("journal"), text("job")) {
                (Some(KIND), Some(theirs)) if theirs == job => {}
                (Some(KIND), Some(theirs)) => {
                    return Err(JournalErrorKind::OtherJob {
                        job: theirs.to_owned(),
                    });
                }
                _ => return Err(JournalErrorKind::NoJournal),
            }
        } else {
            let (Some(item), Some(is)) = (text("item"), text("is")) else {
                return Err(corrupt);
            };
            let state = match is {
                "sent" => State::Sent,
                "done" => State::Done,
                "unsent" => State::Unsent,
                "refused" => State::Refused(text("code").unwrap_or_default().to_owned()),
                _ => return Err(corrupt),
            };
            states.insert(item.to_owned(), state);
        }
        whole += line.len();
    }
    // Something that was never ours must not be taken for a journal whose first line was cut off.
    if whole == 0
        && !line_of([("journal", KIND), ("job", job)]).is_ok_and(|first| first.starts_with(text))
    {
        return Err(JournalErrorKind::NoJournal);
    }
    Ok((states, whole))
}

/// A journal cannot be used.
#[derive(Debug)]
pub struct JournalError {
    path: PathBuf,
    kind: JournalErrorKind,
    source: Option<io::Error>,
}

/// What is wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalErrorKind {
    /// It cannot be opened or read.
    Open,
    /// It cannot be written to.
    Write,
    /// Another run has it.
    InUse,
    /// The file is no journal.
    NoJournal,
    /// It is the journal of another job.
    #[non_exhaustive]
    OtherJob {
        /// Whose it is.
        job: String,
    },
    /// A line that is not the last cannot be read.
    #[non_exhaustive]
    Corrupt {
        /// Number of the line, from 1.
        line: usize,
    },
}

impl JournalError {
    fn new(path: &Path, kind: JournalErrorKind, source: Option<io::Error>) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            source,
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &JournalErrorKind {
        &self.kind
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the journal {} ", self.path.display())?;
        match &self.kind {
            JournalErrorKind::Open => f.write_str("cannot be opened"),
            JournalErrorKind::Write => f.write_str(
                "cannot be written to: nothing more is sent, for nobody could tell afterwards",
            ),
            JournalErrorKind::InUse => {
                f.write_str("is in use: wait for the other run of the job, or end it")
            }
            JournalErrorKind::NoJournal => {
                f.write_str("is no journal of a bulk job: give another path")
            }
            JournalErrorKind::OtherJob { job } => {
                write!(f, "is that of another job, {job:?}: give each job its own")
            }
            JournalErrorKind::Corrupt { line } => write!(
                f,
                "cannot be read in line {line}: it was changed by hand or by another program; \
                 restore it, for without it writes could be repeated"
            ),
        }?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source
            .as_ref()
            .map(|e| e as &(dyn std::error::Error + 'static))
    }
}

impl From<JournalError> for Error {
    fn from(error: JournalError) -> Self {
        Self::new(ErrorKind::Configuration, error.to_string()).with_source(error)
    }
}
