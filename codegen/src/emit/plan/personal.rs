//! Which fields hold personal data.

use super::super::names::snake;
use super::planner::Planner;
use crate::config::Api;

impl Planner<'_> {
    /// `owner` is the Rust name of the type that the element stands in.
    pub(super) fn is_personal(&self, owner: &str, element: &str) -> bool {
        let api = self.plan.api;
        is_personal(api, owner, element)
    }
}

/// What the configuration says of a field, else what its name says. `owner` is the Rust name of
/// its type.
pub(crate) fn is_personal(api: &Api, owner: &str, element: &str) -> bool {
    let listed = |list: &[String]| {
        list.iter().any(|entry| match entry.split_once('.') {
            Some((of, name)) => of == owner && name == element,
            None => entry == element,
        })
    };
    !listed(&api.not_personal) && (listed(&api.personal) || looks_personal(element))
}

/// Names that hold personal data in any operator's API, found by pattern so that contracts nobody
/// has looked at are safe too.
fn looks_personal(element: &str) -> bool {
    let name = snake(element);
    let words: Vec<&str> = name.split('_').collect();
    let any = |list: &[&str]| {
        words
            .iter()
            .any(|w| list.contains(&w.trim_end_matches(char::is_numeric)))
    };
    any(&[
        "icc",
        "iccid",
        "imsi",
        "msisdn",
        "eid",
        "imei",
        "imeisv",
        "pin",
        "puk",
        "phone",
        "mobile",
        "email",
        "mail",
        "ip",
        "ipv",
        "address",
        "street",
        "line",
        "city",
        "fax",
        "username",
        "user",
        "firstname",
        "lastname",
        "surname",
        "password",
        "token",
        "secret",
        "latitude",
        "longitude",
        "postal",
        "postcode",
        "zip",
        "alias",
        "fiscal",
        "iban",
        "otp",
    ]) || name.ends_with("postal_code")
        || name.ends_with("_name")
        || matches!(
            name.as_str(),
            "name" | "first_name" | "last_name" | "text" | "payload"
        )
        || name.starts_with("static_ip")
        || name.starts_with("additional_static_ip")
        || name.starts_with("custom_field")
}
