//! One rate budget per organisation and process.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::identity::Identity;
use crate::policy::{Organisation, RateLimits, WeakOrganisation};

/// Budgets in use, by base URL and organisation.
static BUDGETS: LazyLock<Mutex<HashMap<(String, String), WeakOrganisation>>> =
    LazyLock::new(Mutex::default);

/// The budget of the organisation that the certificate names, else of the certificate.
pub(super) fn organisation(base_url: &str, identity: &Identity) -> Organisation {
    let owner = identity
        .organisation()
        .unwrap_or(identity.fingerprint_sha256());
    let key = (base_url.trim_end_matches('/').to_owned(), owner.to_owned());
    let mut budgets = BUDGETS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(organisation) = budgets.get(&key).and_then(WeakOrganisation::upgrade) {
        return organisation;
    }
    let organisation = Organisation::new(RateLimits::kite());
    budgets.retain(|_, known| known.upgrade().is_some());
    budgets.insert(key, organisation.downgrade());
    organisation
}
