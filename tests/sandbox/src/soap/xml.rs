//! Writes answers: envelope, prefixes and blanks as the platform sends them.

use std::fmt::{Display, Write as _};

use super::service::ENVELOPE;
use crate::fault::escape;
use crate::time::Timestamp;

/// What stands where a date should be in an item broken on purpose.
const NO_DATE: &str = "31/02/2026 25:61";

/// An answer being written. Every element is in the service's namespace.
pub(crate) struct Xml {
    out: String,
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
                 <wstxns1:{operation}Response xmlns:wstxns1=\"{types}\""
            ),
            break_next_date: false,
        };
        let opened = xml.out.len();
        write(&mut xml);
        if xml.out.len() == opened {
            xml.out.push_str("/>");
        } else {
            xml.out.insert(opened, '>');
            let _ = write!(xml.out, "</wstxns1:{operation}Response>");
        }
        xml.out.push_str("</soap:Body></soap:Envelope>");
        xml.out
    }

    /// An element with children.
    pub(crate) fn group(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        let _ = write!(self.out, "<wstxns1:{name}>");
        write(self);
        let _ = write!(self.out, "</wstxns1:{name}>");
    }

    /// An element with children, the first required date of which is broken if asked for.
    pub(crate) fn item(&mut self, name: &str, broken: bool, write: impl FnOnce(&mut Self)) {
        self.break_next_date = broken;
        self.group(name, write);
        self.break_next_date = false;
    }

    /// An element with text.
    pub(crate) fn text(&mut self, name: &str, value: impl Display) {
        let value = value.to_string();
        if value.is_empty() {
            let _ = write!(self.out, "<wstxns1:{name}/>");
        } else {
            let _ = write!(
                self.out,
                "<wstxns1:{name}>{}</wstxns1:{name}>",
                escape(&value)
            );
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
