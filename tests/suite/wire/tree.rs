//! XML compared by meaning: namespaces, local names, attributes and text in order; prefixes and
//! white space between elements do not count.

use roxmltree::{Document, Node};

/// An element and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) ns: String,
    pub(crate) local: String,
    pub(crate) attributes: Vec<(String, String, String)>,
    /// Text as it is, of elements without children only.
    pub(crate) text: String,
    pub(crate) children: Vec<Tree>,
}

impl Tree {
    pub(crate) fn of(node: Node<'_, '_>) -> Self {
        let children: Vec<Tree> = node
            .children()
            .filter(Node::is_element)
            .map(Tree::of)
            .collect();
        let text: String = node.children().filter_map(text_of).collect();
        if !children.is_empty() {
            assert!(text.trim().is_empty(), "mixed content in {node:?}");
        }
        let mut attributes: Vec<_> = node
            .attributes()
            .map(|a| {
                let ns = a.namespace().unwrap_or_default().to_owned();
                (ns, a.name().to_owned(), a.value().to_owned())
            })
            .collect();
        attributes.sort();
        Self {
            ns: node.tag_name().namespace().unwrap_or_default().to_owned(),
            local: node.tag_name().name().to_owned(),
            attributes,
            text: if children.is_empty() {
                text
            } else {
                String::new()
            },
            children,
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        let document = Document::parse(text).unwrap_or_else(|e| panic!("{e} in {text}"));
        Self::of(document.root_element())
    }

    /// The first descendant of this name, itself included.
    pub(crate) fn find(&self, local: &str) -> Option<&Tree> {
        if self.local == local {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(local))
    }

    /// Changes every descendant.
    pub(crate) fn edit(&mut self, change: &mut impl FnMut(&mut Tree)) {
        change(self);
        for child in &mut self.children {
            child.edit(change);
        }
    }
}

fn text_of(node: Node<'_, '_>) -> Option<String> {
    if node.is_text() {
        node.text().map(str::to_owned)
    } else {
        None
    }
}

/// The body of an envelope, which must have exactly one element.
pub(crate) fn body(envelope: &str) -> Tree {
    let root = Tree::parse(envelope);
    assert_eq!(root.local, "Envelope");
    assert_eq!(root.ns, "http://schemas.xmlsoap.org/soap/envelope/");
    let body = root.children.last().expect("a body");
    assert_eq!((body.local.as_str(), &body.ns), ("Body", &root.ns));
    assert_eq!(body.children.len(), 1, "one element in the body");
    body.children[0].clone()
}

/// The text of one element as a document of its own: the namespaces that are in scope are
/// declared on it, everything else stays as it was written.
pub(crate) fn cut(text: &str, local: &str) -> String {
    let document = Document::parse(text).expect("well-formed");
    let node = document
        .descendants()
        .find(|n| n.is_element() && n.tag_name().name() == local)
        .unwrap_or_else(|| panic!("no {local}"));
    let range = node.range();
    let inside = &text[range.clone()];
    let name_end = inside
        .find(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .expect("a start tag");
    let tag = &inside[..inside.find('>').expect("a start tag")];
    let mut declarations = String::new();
    for namespace in node.namespaces() {
        let name = namespace
            .name()
            .map_or_else(|| "xmlns".to_owned(), |p| format!("xmlns:{p}"));
        if namespace.name() != Some("xml") && !tag.contains(&format!("{name}=")) {
            declarations.push_str(&format!(" {name}=\"{}\"", namespace.uri()));
        }
    }
    format!(
        "{}{declarations}{}",
        &inside[..name_end],
        &inside[name_end..]
    )
}

/// The first element of an envelope's body as a document of its own.
pub(crate) fn cut_body(text: &str) -> String {
    let local = body(text).local;
    cut(text, &local)
}

/// Asserts that two trees mean the same, and says where they part.
#[track_caller]
pub(crate) fn assert_same(ours: &Tree, theirs: &Tree) {
    fn differ(a: &Tree, b: &Tree, path: &str) -> Option<String> {
        let path = format!("{path}/{}", b.local);
        if (&a.ns, &a.local, &a.attributes, &a.text) != (&b.ns, &b.local, &b.attributes, &b.text) {
            return Some(format!(
                "{path}: {{{}}}{} {:?} {:?} instead of {{{}}}{} {:?} {:?}",
                a.ns, a.local, a.attributes, a.text, b.ns, b.local, b.attributes, b.text
            ));
        }
        let names = |t: &Tree| {
            t.children
                .iter()
                .map(|c| c.local.clone())
                .collect::<Vec<_>>()
        };
        for (x, y) in a.children.iter().zip(&b.children) {
            if let Some(found) = differ(x, y, &path) {
                return Some(found);
            }
        }
        (a.children.len() != b.children.len())
            .then(|| format!("{path}: {:?} instead of {:?}", names(a), names(b)))
    }
    if let Some(found) = differ(ours, theirs, "") {
        panic!("{found}");
    }
    assert_eq!(ours, theirs);
}
