//! One rate budget per organisation and process.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::policy::{Organisation, RateLimits, WeakOrganisation};

/// Base URL and organisation.
type Key = (String, String);

/// Budgets in use.
static BUDGETS: LazyLock<Mutex<HashMap<Key, WeakOrganisation>>> = LazyLock::new(Mutex::default);

/// The budget of an organisation, as its credentials name it, on a platform.
pub(crate) fn organisation(base_url: &str, owner: &str, limits: RateLimits) -> Organisation {
    let key = (base_url.trim_end_matches('/').to_owned(), owner.to_owned());
    let mut budgets = BUDGETS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(organisation) = budgets.get(&key).and_then(WeakOrganisation::upgrade) {
        return organisation;
    }
    let organisation = Organisation::new(limits);
    budgets.retain(|_, known| known.upgrade().is_some());
    budgets.insert(key, organisation.downgrade());
    organisation
}
