//! Prebills: found, exported, downloaded.

use std::fmt;

use bytes::Bytes;
use mno_runtime::facts::{Evidence, Idempotency, OperationFacts, Protocol};
use mno_runtime::transport::{CallOptions, Priority};
use mno_runtime::values::Date;
use mno_runtime::{Error, ErrorKind, Operation};

use crate::kite::Kite;
use crate::kite::download::{Certificate, Downloads, Fetched, PlainHttp};
use crate::kite::prebills::{Client, ExportPrebill, GetPrebills, Prebill};
use crate::kite::wire::client;
use crate::paging::{PageStream, unreadable};
use crate::policy::Organisation;

/// The download is no operation of the service: it has no limit of its own that is known.
static DOWNLOAD: OperationFacts = OperationFacts::new(
    "kite",
    "prebill download",
    Protocol::soap11_without_action(),
)
.budget("kite/download")
.idempotency(Idempotency::Safe)
.evidence(Evidence::Inferred);

/// Id of a prebill (`prebillID`).
///
/// A prebill has an id in the operator's customer system as well (`prebillIDinOBCRM`), which
/// exports nothing; two types keep them apart.
///
/// ```
/// use mno_sdk::kite::PrebillId;
/// use mno_sdk::kite::prebills::Prebill;
///
/// let listed = Prebill::new("5a9db0c5");
/// assert_eq!(PrebillId::from(&listed), PrebillId::new("5a9db0c5"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrebillId(String);

impl PrebillId {
    /// The prebill of this id.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as the platform writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PrebillId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<&Prebill> for PrebillId {
    fn from(listed: &Prebill) -> Self {
        Self(listed.prebill_id.clone())
    }
}

/// Which prebills [`search`](Prebills::search) lists: those that fit every filter set.
///
/// ```
/// use mno_sdk::kite::PrebillFilter;
/// use mno_sdk::runtime::values::Date;
///
/// let (start, end): (Date, Date) = ("2031-01-01".parse()?, "2031-03-31".parse()?);
/// let quarter = PrebillFilter::new().billing_account("0").since(start).until(end);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrebillFilter {
    billing_account: Option<String>,
    since: Option<Date>,
    until: Option<Date>,
}

impl PrebillFilter {
    /// Every prebill.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of this billing account, by its id; `0` is the default one (`billingAccountID`).
    #[must_use]
    pub fn billing_account(mut self, id: impl Into<String>) -> Self {
        self.billing_account = Some(id.into());
        self
    }

    /// Those from this day on (`startDate`). Which of a prebill's dates counts is not documented.
    #[must_use]
    pub fn since(mut self, day: Date) -> Self {
        self.since = Some(day);
        self
    }

    /// Those up to this day (`endDate`).
    #[must_use]
    pub fn until(mut self, day: Date) -> Self {
        self.until = Some(day);
        self
    }
}

/// The prebills of the organisation (guide 5.3): what each billing account was charged for in a
/// billing cycle.
///
/// Answers hold the generated types of [`prebills`](crate::kite::prebills). The shape of the
/// messages is inferred: the first real call may prove it wrong. An unknown prebill is an error
/// with [`is_not_found`](Error::is_not_found). Calls may take up to three minutes (guide 4.3).
///
/// ```no_run
/// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
/// use futures_util::TryStreamExt;
/// use mno_sdk::kite::{PrebillFilter, PrebillId};
///
/// let prebills = kite.prebills();
/// let mut found = prebills.search(PrebillFilter::new().billing_account("0"));
/// while let Some(prebill) = found.try_next().await? {
///     println!("{:?} {:?}", prebill.billing_period_end_date, prebill.total_charge);
///     let xml = prebills.download(&PrebillId::from(&prebill), 16 << 20).await?;
///     println!("{} bytes", xml.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Prebills {
    client: Client,
    options: CallOptions,
    organisation: Organisation,
    downloads: Downloads,
}

/// Prebills, as a stream.
pub type PrebillStream = PageStream<Prebill>;

impl Prebills {
    pub(crate) fn new(kite: &Kite, downloads: Downloads) -> Self {
        Self {
            client: client!(kite, Prebill, mno_kite_prebill_v1),
            options: CallOptions::default(),
            organisation: kite.organisation().clone(),
            downloads,
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on. Downloads through a link are no calls of the service, and have none.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options.clone()),
            options,
            organisation: self.organisation.clone(),
            downloads: self.downloads.clone(),
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// All prebills, in pages of 10 behind the scenes: the largest page is not documented, and
    /// this is the smallest that any service of the platform takes.
    ///
    /// Calls of the stream wait behind interactive ones; see [`PageStream`] for what happens at
    /// page ends.
    #[must_use]
    pub fn stream(&self) -> PrebillStream {
        self.search(PrebillFilter::new())
    }

    /// The prebills that fit a filter, as a stream like [`stream`](Self::stream).
    #[must_use]
    pub fn search(&self, filter: PrebillFilter) -> PrebillStream {
        let bulk = self.options.clone().with_priority(Priority::Bulk);
        let client = self.client.with_options(bulk);
        let facts = &GetPrebills::FACTS;
        let parameters = [
            ("billingAccountID", filter.billing_account.clone()),
            ("startDate", filter.since.map(|day| day.to_string())),
            ("endDate", filter.until.map(|day| day.to_string())),
        ];
        let fetch = move |start: u32, size: u32| {
            let client = client.clone();
            let mut request = GetPrebills::new()
                .with_start_index(i32::try_from(start).unwrap_or(i32::MAX))
                .with_max_batch_size(i32::try_from(size).unwrap_or(i32::MAX));
            request
                .billing_account_id
                .clone_from(&filter.billing_account);
            request.start_date = filter.since.map(|day| day.to_string());
            request.end_date = filter.until.map(|day| day.to_string());
            Box::pin(async move {
                let page = client.get_prebills(&request).await?;
                let items = page.prebill.into_iter();
                let items = items.map(|item| item.map_err(unreadable("a prebill", facts)));
                Ok(items.collect())
            }) as _
        };
        let max = facts.paging.map_or(10, |p| p.max_size);
        PageStream::new(facts, Box::new(fetch), key, max)
            .with_limits_of(&self.organisation)
            .with_parameters(parameters.map(|(name, value)| (name, value.unwrap_or_default())))
    }

    /// Exports a prebill to XML and gives the link to it.
    ///
    /// Whoever has the link may be able to read the prebill: keep it out of logs.
    /// [`download`](Self::download) fetches what is behind it, too.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn export(&self, id: &PrebillId) -> Result<String, Error> {
        let request = ExportPrebill::new(id.as_str());
        Ok(self.client.export_prebill(&request).await?.result_url)
    }

    /// Exports a prebill and downloads it: XML, as it comes, of at most so many bytes. A link that
    /// proves spent is answered by a new one, once.
    ///
    /// How the platform guards the link is not documented. The client certificate is shown to the
    /// platform itself, where the link leads to its own host and port, and to no other host.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`ErrorKind::UnexpectedResponse`] when the link is not an https
    /// one, or its host refuses it.
    pub async fn download(&self, id: &PrebillId, max_bytes: usize) -> Result<Bytes, Error> {
        for _ in 0..2 {
            let link = self.export(id).await?;
            let certificate = Certificate::SameHost;
            let plain_http = PlainHttp::Refused("fetch it by hand, or ask the platform's support");
            let fetched =
                self.downloads
                    .fetch(&DOWNLOAD, &link, certificate, plain_http, max_bytes);
            if let Fetched::Content(xml) = fetched.await? {
                return Ok(xml);
            }
        }
        let message = "a fresh link could not be used either: the connection keeps breaking, or \
                       somebody else takes the links of this prebill";
        Err(Error::new(ErrorKind::UnexpectedResponse, message)
            .with_operation(&ExportPrebill::FACTS))
    }
}

/// A prebill without an id cannot be told from another one.
fn key(prebill: &Prebill) -> Option<String> {
    prebill.prebill_id().map(str::to_owned)
}

impl fmt::Debug for Prebills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prebills")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
