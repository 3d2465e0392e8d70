//! What is known of an operation beyond its messages: limits, timing, safety, evidence.
//!
//! Generated crates carry one [`OperationFacts`] constant per operation. The policies of
//! `mno-sdk` obey them; a person reads them in the operation's documentation.

use std::fmt;
use std::time::Duration;

/// Facts of one operation, as a constant of the generated crate.
///
/// ```
/// use mno_runtime::facts::{Idempotency, OperationFacts, Protocol};
///
/// const ECHO: OperationFacts = OperationFacts::new("kite", "echo", Protocol::soap11("urn:echo"))
///     .budget("kite/echo/echo")
///     .tps(4)
///     .idempotency(Idempotency::Safe);
/// assert_eq!(ECHO.tps, Some(4));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationFacts {
    /// The platform: `kite`, `kpn`, …; together with the credentials it names an organisation.
    pub platform: &'static str,
    /// Operation name on the wire.
    pub operation: &'static str,
    /// How it is called.
    pub protocol: Protocol,
    /// Key of the rate budget that every version and binding of this operation shares.
    pub budget: &'static str,
    /// Transactions per second that the platform allows for the budget, per organisation.
    pub tps: Option<u32>,
    /// Longest time that the platform may take to answer. Giving up earlier does not stop it.
    pub max_runtime: Option<Duration>,
    /// Whether sending it twice is harmless.
    pub idempotency: Idempotency,
    /// The read that tells what became of a call whose answer was lost.
    pub settled_by: Option<&'static str>,
    /// How lists are paged.
    pub paging: Option<Paging>,
    /// Recurring times at which the platform refuses it.
    pub window: Option<MaintenanceWindow>,
    /// Who may call it, when not every customer.
    pub availability: Option<&'static str>,
    /// Why it should not be used any more.
    pub deprecated: Option<&'static str>,
    /// How well its shape is known.
    pub evidence: Evidence,
}

impl OperationFacts {
    /// Facts with nothing known beyond the call itself: not idempotent, no limits, inferred.
    #[must_use]
    pub const fn new(platform: &'static str, operation: &'static str, protocol: Protocol) -> Self {
        Self {
            platform,
            operation,
            protocol,
            budget: operation,
            tps: None,
            max_runtime: None,
            idempotency: Idempotency::NotIdempotent,
            settled_by: None,
            paging: None,
            window: None,
            availability: None,
            deprecated: None,
            evidence: Evidence::Inferred,
        }
    }

    /// Sets the budget key.
    #[must_use]
    pub const fn budget(mut self, key: &'static str) -> Self {
        self.budget = key;
        self
    }

    /// Sets the permitted transactions per second.
    #[must_use]
    pub const fn tps(mut self, tps: u32) -> Self {
        self.tps = Some(tps);
        self
    }

    /// Sets the platform's maximum runtime.
    #[must_use]
    pub const fn max_runtime(mut self, max: Duration) -> Self {
        self.max_runtime = Some(max);
        self
    }

    /// Sets whether it may be sent twice.
    #[must_use]
    pub const fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = idempotency;
        self
    }

    /// Names the read that settles an unknown outcome.
    #[must_use]
    pub const fn settled_by(mut self, operation: &'static str) -> Self {
        self.settled_by = Some(operation);
        self
    }

    /// Sets how lists are paged.
    #[must_use]
    pub const fn paging(mut self, paging: Paging) -> Self {
        self.paging = Some(paging);
        self
    }

    /// Sets the recurring maintenance window.
    #[must_use]
    pub const fn window(mut self, window: MaintenanceWindow) -> Self {
        self.window = Some(window);
        self
    }

    /// Says who may call it.
    #[must_use]
    pub const fn availability(mut self, who: &'static str) -> Self {
        self.availability = Some(who);
        self
    }

    /// Says why it should not be used any more.
    #[must_use]
    pub const fn deprecated(mut self, why: &'static str) -> Self {
        self.deprecated = Some(why);
        self
    }

    /// Sets how well its shape is known.
    #[must_use]
    pub const fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence = evidence;
        self
    }
}

/// How an operation is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// SOAP 1.1 over HTTP POST.
    #[non_exhaustive]
    Soap11 {
        /// Value of the `SOAPAction` header, without its quotes; `None` sends an empty one.
        action: Option<&'static str>,
    },
    /// SOAP 1.2 over HTTP POST.
    #[non_exhaustive]
    Soap12 {
        /// Value of the content type's `action` parameter.
        action: Option<&'static str>,
    },
    /// A method on a path.
    #[non_exhaustive]
    Rest {
        /// `GET`, `POST`, ….
        method: &'static str,
        /// Path under the base path, parameters in braces: `/v1/sims/{iccid}`.
        path: &'static str,
    },
}

impl Protocol {
    /// SOAP 1.1 with this action.
    #[must_use]
    pub const fn soap11(action: &'static str) -> Self {
        Self::Soap11 {
            action: Some(action),
        }
    }

    /// SOAP 1.1 with an empty action.
    #[must_use]
    pub const fn soap11_without_action() -> Self {
        Self::Soap11 { action: None }
    }

    /// SOAP 1.2 with this action.
    #[must_use]
    pub const fn soap12(action: &'static str) -> Self {
        Self::Soap12 {
            action: Some(action),
        }
    }

    /// A method on a path template.
    #[must_use]
    pub const fn rest(method: &'static str, path: &'static str) -> Self {
        Self::Rest { method, path }
    }

    /// SOAP 1.2 without an action.
    #[must_use]
    pub const fn soap12_without_action() -> Self {
        Self::Soap12 { action: None }
    }
}

/// Whether an operation may be sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Idempotency {
    /// Reads only: may be repeated at will.
    Safe,
    /// Writes, but twice is the same as once.
    Idempotent,
    /// Twice is not the same as once (or nobody knows): never repeated by the SDK unless the
    /// first one provably was not processed.
    NotIdempotent,
}

impl Idempotency {
    /// A second call does no harm.
    #[must_use]
    pub const fn is_repeatable(self) -> bool {
        matches!(self, Self::Safe | Self::Idempotent)
    }
}

impl fmt::Display for Idempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Safe => "safe to repeat (reads only)",
            Self::Idempotent => "safe to repeat (idempotent)",
            Self::NotIdempotent => "not safe to repeat",
        })
    }
}

/// How a list is paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paging {
    /// What the start and size parameters count.
    pub kind: PagingKind,
    /// Wire name of the parameter that says where a page begins.
    pub start: &'static str,
    /// Wire name of the parameter that says where it ends: its size, or the entry after the last.
    pub size: &'static str,
    /// Page size when none is asked for; 0 where it is not known.
    pub default_size: u32,
    /// Largest page size; 0 where it is not known.
    pub max_size: u32,
    /// Header or member of the answer that has the number of all entries.
    pub total: Option<&'static str>,
}

/// What the parameters of a page count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PagingKind {
    /// Start is the number of the first entry, from 0; size is how many.
    Offset,
    /// Start is the number of the page; size is how many entries it has.
    Page {
        /// Number of the first page.
        first: u32,
    },
    /// Start is the number of the first entry, from 0; size is that of the one after the last.
    Window,
}

impl Paging {
    /// Paging by an offset and a size parameter.
    #[must_use]
    pub const fn new(
        start: &'static str,
        size: &'static str,
        default_size: u32,
        max_size: u32,
    ) -> Self {
        Self {
            kind: PagingKind::Offset,
            start,
            size,
            default_size,
            max_size,
            total: None,
        }
    }

    /// Paging by a page number and a size parameter.
    #[must_use]
    pub const fn by_page(
        page: &'static str,
        first: u32,
        size: &'static str,
        default_size: u32,
        max_size: u32,
    ) -> Self {
        Self {
            kind: PagingKind::Page { first },
            ..Self::new(page, size, default_size, max_size)
        }
    }

    /// Paging by the first entry and the one after the last.
    #[must_use]
    pub const fn by_window(from: &'static str, to: &'static str, default_size: u32) -> Self {
        Self {
            kind: PagingKind::Window,
            ..Self::new(from, to, default_size, 0)
        }
    }

    /// Says where the number of all entries stands.
    #[must_use]
    pub const fn total(mut self, name: &'static str) -> Self {
        self.total = Some(name);
        self
    }
}

/// A recurring time in which the platform refuses the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MaintenanceWindow {
    /// The backups of Kite's home location registers: every day from 01:59 for 17 minutes, and on
    /// the first Sunday of a month from 00:59 for 61 minutes, local time of the register
    /// (Europe/Madrid for Spain, US/Eastern for Latin America).
    KiteHlr,
}

/// How well the shape of an operation is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// Agrees with the published contract of that service version.
    Contract,
    /// Stated by a vendor document.
    Documented,
    /// Concluded from related material; the first real call may prove it wrong.
    Inferred,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Contract => "contract",
            Self::Documented => "documented",
            Self::Inferred => "inferred",
        })
    }
}
