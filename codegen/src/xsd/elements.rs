//! Global elements and substitution groups.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{GlobalElement, QName};

use super::components::Kind;
use super::docs;
use super::types::Builder;

impl Builder<'_, '_> {
    /// All global elements.
    pub(super) fn global_elements(&mut self) -> BTreeMap<QName, GlobalElement> {
        let members = self.substitution_members();
        let components = self.components;
        let mut elements = BTreeMap::new();
        for (name, component) in components.all(Kind::Element) {
            let ty = self.element_type(component);
            let substitutes = self.substitutes(name, &members);
            let element = GlobalElement {
                name: name.clone(),
                ty,
                nillable: component.elem.flag("nillable"),
                is_abstract: component.elem.flag("abstract"),
                substitutes,
                doc: docs::of_component(component.elem),
                location: component.elem.location(),
            };
            elements.insert(name.clone(), element);
        }
        elements
    }

    /// Direct members of each substitution group, by its head.
    fn substitution_members(&mut self) -> BTreeMap<QName, Vec<QName>> {
        let components = self.components;
        let mut members: BTreeMap<QName, Vec<QName>> = BTreeMap::new();
        for (name, component) in components.all(Kind::Element) {
            let heads = component
                .elem
                .attribute("substitutionGroup")
                .unwrap_or_default();
            for text in heads.split_whitespace() {
                let attribute = "substitutionGroup";
                let head = components.qname(component, attribute, text, self.problems);
                let Some(head) = head else { continue };
                let found =
                    components.resolve(component, attribute, Kind::Element, &head, self.problems);
                if let Some((head, _)) = found {
                    members.entry(head).or_default().push(name.clone());
                }
            }
        }
        members
    }

    /// What may stand in place of an element: members of its group and of theirs, without those
    /// that are abstract.
    fn substitutes(&self, head: &QName, members: &BTreeMap<QName, Vec<QName>>) -> Vec<QName> {
        let mut found = BTreeSet::new();
        let mut queue = vec![head];
        while let Some(name) = queue.pop() {
            for member in members.get(name).into_iter().flatten() {
                if member != head && found.insert(member) {
                    queue.push(member);
                }
            }
        }
        found
            .into_iter()
            .filter(|name| {
                let component = self.components.get(Kind::Element, name);
                component.is_some_and(|c| !c.elem.flag("abstract"))
            })
            .cloned()
            .collect()
    }
}
