//! Reads the children of a request's element, strictly: whatever the contract does not know, in
//! name or in namespace, is refused. The order is not looked at, as the platform seems to be
//! lenient there; the recorded requests are checked against the schema by other means.

use roxmltree::Node;

use crate::fault::Fault;
use crate::time::Timestamp;

/// The children of one element.
pub(crate) struct Fields<'a, 'input> {
    node: Node<'a, 'input>,
    ns: &'static str,
}

impl<'a, 'input> Fields<'a, 'input> {
    /// The children of `node`, each of which must be in namespace `ns` and bear a known name.
    pub(crate) fn new(
        node: Node<'a, 'input>,
        ns: &'static str,
        known: impl Fn(&str) -> bool,
    ) -> Result<Self, Fault> {
        for child in node.children() {
            if child.is_element() {
                let name = child.tag_name();
                if name.namespace() != Some(ns) || !known(name.name()) {
                    return Err(Fault::unknown_parameter(name.name()));
                }
            } else if child.is_text() && child.text().is_some_and(|t| !t.trim().is_empty()) {
                return Err(Fault::invalid_value("text between elements"));
            }
        }
        Ok(Self { node, ns })
    }

    /// Whether there is a child of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Every child of this name.
    pub(crate) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = Node<'a, 'input>> + 's {
        self.node
            .children()
            .filter(move |n| n.has_tag_name((self.ns, name)))
    }

    /// The only child of this name.
    pub(crate) fn one(&self, name: &str) -> Result<Option<Node<'a, 'input>>, Fault> {
        let mut all = self.all(name);
        match (all.next(), all.next()) {
            (first, None) => Ok(first),
            (_, Some(_)) => Err(Fault::invalid_value(format!("{name} occurs twice"))),
        }
    }

    /// Text of a child, as it stands.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        self.one(name)?.map(|node| text(node)).transpose()
    }

    /// Text of a child that must be there and not be blank.
    pub(crate) fn required(&self, name: &str) -> Result<String, Fault> {
        self.text(name)?
            .filter(|t| !t.trim().is_empty())
            .ok_or_else(|| Fault::missing(name))
    }

    /// A boolean.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Fault> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.trim() {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            other => Err(Fault::unsupported_value(
                format!("{name} {other}."),
                "true, false",
            )),
        }
    }

    /// A boolean that must be there.
    pub(crate) fn required_flag(&self, name: &str) -> Result<bool, Fault> {
        self.flag(name)?.ok_or_else(|| Fault::missing(name))
    }

    /// Anything that is read from text after the blanks around it are gone.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Fault> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.trim().parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(Fault::invalid_value(format!("{name} {}", text.trim()))),
        }
    }

    /// A point in time.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, Fault> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match Timestamp::parse(&text) {
            Some(time) => Ok(Some(time)),
            None => Err(Fault::invalid_value(format!("{name} {}", text.trim()))),
        }
    }
}

/// Text of an element that has no children.
pub(crate) fn text(node: Node<'_, '_>) -> Result<String, Fault> {
    let mut out = String::new();
    for child in node.children() {
        if child.is_element() {
            return Err(Fault::unknown_parameter(child.tag_name().name()));
        }
        if child.is_text() {
            out.push_str(child.text().unwrap_or_default());
        }
    }
    Ok(out)
}
