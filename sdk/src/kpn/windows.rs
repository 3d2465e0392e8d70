//! Lists of KPN's as streams: windows from `from` to before `to`, and a total.

use std::fmt;
use std::marker::PhantomData;

use mno_runtime::facts::OperationFacts;
use mno_runtime::json::Items;
use mno_runtime::{Error, ErrorKind};

use crate::paging::{Page, PageStream, unreadable};

/// How long windows are by default. The platform's own default is 20, and no limit is documented.
const SIZE: u32 = 100;

/// A list as a stream. `ask` asks for the window from one position to before another, and gives the
/// items and how many there are in all.
pub(super) fn stream<T, F>(
    facts: &'static OperationFacts,
    what: &'static str,
    key: fn(&T) -> Option<String>,
    asked: String,
    ask: impl Fn(i32, i32) -> F + Send + 'static,
) -> PageStream<T>
where
    T: Send + 'static,
    F: Future<Output = Result<(Items<T>, Option<i32>), Error>> + Send + 'static,
{
    let fetch = move |index: u32, size: u32| {
        let position = |index| i32::try_from(index).unwrap_or(i32::MAX);
        let window = ask(position(index), position(index.saturating_add(size)));
        Box::pin(async move {
            let (items, total) = window.await?;
            let items = items.into_iter();
            Ok(Page {
                items: items
                    .map(|item| item.map_err(unreadable(what, facts)))
                    .collect(),
                total: total.and_then(|total| u32::try_from(total).ok()),
            })
        }) as _
    };
    PageStream::new(facts, Box::new(fetch), key, SIZE)
        .with_max_page_size(u32::MAX)
        .with_parameters([("request", asked)])
}

/// The list of an operation: `windows!(self.list_roles(query), ListRoles, "a role")`. The window of
/// the query is the stream's own, its items are known by their `id`.
macro_rules! windows {
    ($handle:ident.$method:ident($query:expr), $operation:ty, $what:literal) => {{
        let client = $handle.bulk();
        let query: $operation = $query;
        $crate::kpn::windows::stream(
            &<$operation as mno_runtime::Operation>::FACTS,
            $what,
            |item| item.id.as_ref().map(ToString::to_string),
            mno_runtime::rest::identity(&query.clone().with_from(0).with_to(0)),
            move |from, to| {
                let client = client.clone();
                let request = query.clone().with_from(from).with_to(to);
                async move {
                    let page = client.$method(&request).await?;
                    Ok((page.result, page.total))
                }
            },
        )
    }};
}
pub(super) use windows;

/// Columns that a list can be filtered by.
pub trait FilterColumn: sealed::Sealed + Copy {
    /// The name on the wire.
    fn name(self) -> &'static str;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! columns {
    ($(#[$doc:meta])+ $type:ident { $($(#[$column_doc:meta])+ $column:ident $name:literal,)+ }) => {
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$column_doc])+ #[doc = concat!(" Wire: `", $name, "`.")] $column,)+
        }

        impl sealed::Sealed for $type {}

        impl FilterColumn for $type {
            fn name(self) -> &'static str {
                match self {
                    $(Self::$column => $name,)+
                }
            }
        }
    };
}

columns! {
    /// What lists of subscribers can be filtered by.
    SubscriberColumn {
        /// First name.
        FirstName "FIRSTNAME",
        /// Surname.
        LastName "LASTNAME",
        /// Prefix of the surname.
        SurnamePrefix "SURNAME_PREFIX",
        /// Contracts, presumably by their telephone numbers.
        Contracts "CONTRACTS",
        /// Name of the debtor above.
        DebtorName "DEBTORNAME",
        /// Fixed telephone number.
        FixedNumber "FIXED_NUMBER",
        /// The customer's number for the employee.
        EmployeeNumber "EMPLOYEE_NUMBER",
    }
}

columns! {
    /// What lists of contracts can be filtered by.
    ContractColumn {
        /// The subscriber's first name.
        FirstName "FIRSTNAME",
        /// The subscriber's surname.
        LastName "LASTNAME",
        /// Prefix of the surname.
        SurnamePrefix "SURNAME_PREFIX",
        /// Name of the product.
        ProductName "PRODUCT_NAME",
        /// Category of the product, in words for people (`Network Services`).
        ProductCategory "PRODUCT_CATEGORY",
        /// Mobile telephone number.
        MobileNumber "MOBILE_NUMBER",
        /// Fixed telephone number.
        FixedNumber "FIXED_NUMBER",
        /// State: `ACTIVE`, `BLOCKED`, …
        State "STATE",
        /// Extension.
        Extension "EXTENSION",
        /// Number of the SIM card.
        SimCardNumber "SIM_CARD_NUMBER",
        /// IMEI.
        Imei "IMEI",
    }
}

columns! {
    /// What lists of main products can be filtered by.
    ProductColumn {
        /// Name of the product.
        ProductName "PRODUCT_NAME",
        /// Price, in euro cents.
        PriceInCents "PRICE_IN_CENTS",
        /// Levy for private copying, in euro cents.
        PrivateCopyingLevyInCents "PRIVATE_COPYING_LEVY_IN_CENTS",
    }
}

/// The `filters` of a list: `COLUMN: "a", "b"; OTHER: "c"`.
///
/// A column fits when it *contains* one of its texts, so that `"Ada"` finds `Adam` too: compare
/// again for equality. That all columns have to fit is inferred.
///
/// ```
/// use mno_sdk::kpn::msm::ListContracts;
/// use mno_sdk::kpn::{ContractColumn, Filters};
///
/// let filters = Filters::new()
///     .any(ContractColumn::State, ["ACTIVE", "BLOCKED"])?
///     .any(ContractColumn::ProductName, ["Data"])?;
/// let text = r#"STATE: "ACTIVE", "BLOCKED"; PRODUCT_NAME: "Data""#;
/// let query = ListContracts::new().with_filters(filters);
/// assert_eq!(query.filters.as_deref(), Some(text));
/// # Ok::<(), mno_sdk::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Filters<C> {
    text: String,
    columns: PhantomData<C>,
}

impl<C> Default for Filters<C> {
    fn default() -> Self {
        Self {
            text: String::new(),
            columns: PhantomData,
        }
    }
}

impl<C: FilterColumn> Filters<C> {
    /// Filters nothing out.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only what contains one of these texts in a column.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when there is no text, or one is blank or has a quotation mark
    /// in it, for which there is no documented way of writing.
    pub fn any<'a>(
        mut self,
        column: C,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Error> {
        let mut separator = match self.text.is_empty() {
            true => format!("{}: ", column.name()),
            false => format!("; {}: ", column.name()),
        };
        let mut given = false;
        for text in texts {
            if text.trim().is_empty() || text.contains('"') {
                return Err(wrong(
                    column,
                    "a text is blank or has a quotation mark in it",
                ));
            }
            self.text += &format!("{separator}\"{text}\"");
            ", ".clone_into(&mut separator);
            given = true;
        }
        match given {
            true => Ok(self),
            false => Err(wrong(column, "there is no text to look for")),
        }
    }
}

fn wrong(column: impl FilterColumn, reason: &str) -> Error {
    let name = column.name();
    let message = format!("the filter {name} is wrong: {reason}");
    Error::new(ErrorKind::InvalidRequest, message).with_path(name)
}

impl<C> From<Filters<C>> for String {
    fn from(filters: Filters<C>) -> Self {
        filters.text
    }
}

impl<C> fmt::Debug for Filters<C> {
    /// Shows no texts: they are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filters").finish_non_exhaustive()
    }
}
