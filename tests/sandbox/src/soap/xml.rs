//! Writes answers: envelope, prefixes and blanks as the platform sends them.

use std::fmt::{Display, Write as _};

use super::service::{ENVELOPE, M2M};
use crate::fault::escape;
use crate::time::Timestamp;

/// What stands where a date should be in an item broken on purpose.
const NO_DATE: &str = "31/02/2026 25:61";

/// Prefix of the service's namespace.
const SERVICE: &str = "wstxns1";
/// Prefix of the namespace of the types of organisations.
const SHARED: &str = "wstxns2";

/// An answer being written. Every element is in the service's namespace, unless said otherwise.
pub(crate) struct Xml {
    out: String,
    prefix: &'static str,
    /// Where the root element's tag ends, so far without its `>`.
    opened: usize,
    shared_is_declared: bool,
    /// The next date that must be there is written wrongly.
    break_next_date: bool,
}

impl Xml {
    /// An answer to `operation`, whose content `write` adds.
    pub(crate) fn answer(types: &str, operation: &str, write: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self {
            out: format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                 <soap:Envelope xmlns:soap=\"{ENVELOPE}\"><soap:Body>\
                 <{SERVICE}:{operation}Response xmlns:{SERVICE}=\"{types}\""
            ),
            prefix: SERVICE,
            opened: 0,
            shared_is_declared: false,
            break_next_date: false,
        };
        xml.opened = xml.out.len();
        write(&mut xml);
        if xml.out.len() == xml.opened {
            xml.out.push_str("/>");
        } else {
            xml.out.insert(xml.opened, '>');
            let _ = write!(xml.out, "</{SERVICE}:{operation}Response>");
        }
        xml.out.push_str("</soap:Body></soap:Envelope>");
        xml.out
    }

    /// An element with children.
    pub(crate) fn group(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        let prefix = self.prefix;
        let _ = write!(self.out, "<{prefix}:{name}>");
        write(self);
        let _ = write!(self.out, "</{prefix}:{name}>");
    }

    /// What stands in an element of a type that services share: in the namespace of that type.
    pub(crate) fn shared(&mut self, write: impl FnOnce(&mut Self)) {
        if !self.shared_is_declared {
            let declaration = format!(" xmlns:{SHARED}=\"{M2M}\"");
            self.out.insert_str(self.opened, &declaration);
            self.opened += declaration.len();
            self.shared_is_declared = true;
        }
        let before = std::mem::replace(&mut self.prefix, SHARED);
        write(self);
        self.prefix = before;
    }

    /// An element with children, the first required date of which is broken if asked for.
    pub(crate) fn item(&mut self, name: &str, broken: bool, write: impl FnOnce(&mut Self)) {
        self.break_next_date = broken;
        self.group(name, write);
        self.break_next_date = false;
    }

    /// An element with text.
    pub(crate) fn text(&mut self, name: &str, value: impl Display) {
        let (value, prefix) = (value.to_string(), self.prefix);
        if value.is_empty() {
            let _ = write!(self.out, "<{prefix}:{name}/>");
        } else {
            let value = escape(&value);
            let _ = write!(self.out, "<{prefix}:{name}>{value}</{prefix}:{name}>");
        }
    }

    /// An element with text, if there is any.
    pub(crate) fn some(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// An element that is blank when there is no value, as the platform likes it.
    pub(crate) fn blank(&mut self, name: &str, value: Option<impl Display>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.text(name, ""),
        }
    }

    /// A point in time that must be there: what is broken in broken items.
    pub(crate) fn time(&mut self, name: &str, value: Timestamp) {
        if std::mem::take(&mut self.break_next_date) {
            self.text(name, NO_DATE);
        } else {
            self.text(name, value);
        }
    }

    /// A point in time, if there is one.
    pub(crate) fn some_time(&mut self, name: &str, value: Option<Timestamp>) {
        self.some(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_answers_have_no_child() {
        let xml = Xml::answer("urn:t", "getSubscriptions", |_| {});
        assert!(
            xml.contains("<wstxns1:getSubscriptionsResponse xmlns:wstxns1=\"urn:t\"/>"),
            "{xml}"
        );
    }

    #[test]
    fn shared_types_have_a_namespace_of_their_own() {
        let xml = Xml::answer("urn:t", "x", |x| {
            x.group("a", |x| x.shared(|x| x.group("b", |x| x.text("c", 1))));
            x.shared(|x| x.text("d", ""));
            x.text("e", 2);
        });
        let inner = format!(
            "<wstxns1:xResponse xmlns:wstxns1=\"urn:t\" xmlns:wstxns2=\"{M2M}\"><wstxns1:a>\
             <wstxns2:b><wstxns2:c>1</wstxns2:c></wstxns2:b></wstxns1:a><wstxns2:d/>\
             <wstxns1:e>2</wstxns1:e></wstxns1:xResponse>"
        );
        assert!(xml.contains(&inner), "{xml}");
    }

    #[test]
    fn only_the_first_required_date_of_an_item_is_broken() {
        let now = Timestamp::from_unix(0);
        let xml = Xml::answer("urn:t", "x", |x| {
            x.item("i", true, |x| {
                x.text("a", "<&>");
                x.some_time("c", Some(now));
                x.time("d", now);
                x.time("e", now);
            });
            x.item("i", false, |x| x.time("d", now));
        });
        assert_eq!(xml.matches(NO_DATE).count(), 1);
        assert_eq!(xml.matches("1970-01-01T00:00:00Z").count(), 3);
        assert!(xml.contains("&lt;&amp;&gt;"));
    }
}
