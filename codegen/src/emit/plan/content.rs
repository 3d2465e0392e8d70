//! Content models: members of a struct, choices and their arms.

use super::super::names::{Scope, field_name, snake, type_name, variant_name};
use super::normal::{ambiguous, is_emptiable, is_ordered, is_single, normal};
use super::planner::Planner;
use super::*;
use crate::model::{ComplexType, Content, ElementUse, Particle, ParticleKind};

impl Planner<'_> {
    pub(super) fn plan_struct(
        &mut self,
        complex: &ComplexType,
        item: ItemId,
        name: &str,
        module: &[String],
        location: &Location,
    ) -> StructPlan {
        let usage = self.plan.item(item).usage;
        let mut plan = StructPlan::default();
        let mut fields = Scope::default();
        for attribute in &complex.attributes {
            let Some((ty, facets, label)) =
                self.plan_ref(attribute.ty, &attribute.name.local, location)
            else {
                continue;
            };
            plan.members.push(Member::Attribute(Field {
                rust: fields.take(&field_name(&attribute.name.local)),
                personal: matches!(ty, Ty::Scalar(_))
                    && self.is_personal(name, &attribute.name.local),
                wire: attribute.name.clone(),
                ty,
                occurs: if attribute.required {
                    Occurs::One
                } else {
                    Occurs::Optional
                },
                nillable: false,
                blankable: false,
                items: false,
                boxed: false,
                facets,
                doc: attribute.doc.text.clone(),
                evidence: attribute.doc.evidence,
                label,
                default: attribute.default.clone(),
                fixed: attribute.fixed.clone(),
            }));
        }
        if complex.any_attribute {
            plan.members
                .push(Member::AnyAttributes(fields.take("any_attributes")));
        }
        match &complex.content {
            Content::Empty => {}
            Content::Simple(ty) => {
                if let Some((ty, facets, label)) = self.plan_ref(*ty, "value", location) {
                    plan.members.push(Member::Text(Field {
                        rust: fields.take("value"),
                        wire: QName::new("", ""),
                        personal: false,
                        ty,
                        occurs: Occurs::One,
                        nillable: false,
                        blankable: false,
                        items: false,
                        boxed: false,
                        facets,
                        doc: "The element's text.".to_owned(),
                        evidence: None,
                        label,
                        default: None,
                        fixed: None,
                    }));
                }
            }
            Content::Particle(particle) => {
                let Some(particle) = normal(particle, self.plan.contract) else {
                    return plan;
                };
                plan.ordered = is_ordered(&particle);
                if plan.ordered
                    && let Some(twice) = ambiguous(&particle)
                {
                    let message = format!(
                        "`{}` can begin two parts of the content of `{name}`, which no reader \
                         can tell apart",
                        twice.local
                    );
                    self.problem(location.clone(), message);
                    return plan;
                }
                let mut owner = Owner {
                    evidence: self.plan.item(item).doc.evidence,
                    name,
                    module,
                    usage,
                    fields: &mut fields,
                    location,
                    ordered: plan.ordered,
                };
                self.plan_particle(&particle, false, &mut owner, &mut plan.members);
            }
        }
        plan
    }

    pub(super) fn plan_particle(
        &mut self,
        particle: &Particle,
        optional: bool,
        owner: &mut Owner<'_>,
        members: &mut Vec<Member>,
    ) {
        let optional = optional || particle.min == 0;
        match &particle.kind {
            ParticleKind::Element(element) => {
                if let Some(field) = self.plan_element(element, particle, optional, owner) {
                    members.push(Member::Element(field));
                }
            }
            ParticleKind::All(_) if owner.ordered => {
                let message = format!(
                    "`{}` has xs:all beside what can be read by position only",
                    owner.name
                );
                self.problem(owner.location.clone(), message);
            }
            ParticleKind::Sequence(inner)
                if owner.ordered && (particle.min, particle.max) != (1, Some(1)) =>
            {
                let occurs = match particle.max {
                    Some(1) => Occurs::Optional,
                    max => Occurs::Many {
                        min: if is_emptiable(particle) {
                            0
                        } else {
                            particle.min
                        },
                        max,
                    },
                };
                let group = self.plan_group(inner, occurs, owner);
                members.push(Member::Choice(group));
            }
            ParticleKind::Sequence(inner) | ParticleKind::All(inner) => {
                for p in inner {
                    self.plan_particle(p, optional, owner, members);
                }
            }
            ParticleKind::Choice { arms, group } => {
                let occurs = match particle.max {
                    // Where some arms hold something, one of them is meant to be taken.
                    Some(1) if optional || arms.iter().all(is_emptiable) => Occurs::Optional,
                    Some(1) => Occurs::One,
                    max => Occurs::Many {
                        min: if is_emptiable(particle) {
                            0
                        } else {
                            particle.min
                        },
                        max,
                    },
                };
                let group = group.as_ref().map(|g| g.local.as_str());
                if let Some(choice) = self.plan_choice(arms, group, occurs, owner) {
                    members.push(Member::Choice(choice));
                }
            }
            ParticleKind::Any { namespace } => {
                let occurs = match particle.max {
                    Some(1) => Occurs::Optional,
                    max => Occurs::Many { min: 0, max },
                };
                let rust = owner.fields.take("any");
                members.push(Member::Element(any_field(&rust, namespace, occurs)));
            }
        }
    }

    pub(super) fn plan_element(
        &mut self,
        element: &ElementUse,
        particle: &Particle,
        optional: bool,
        owner: &mut Owner<'_>,
    ) -> Option<Field> {
        let (ty, facets, label) =
            self.plan_ref(element.ty, &element.name.local, &element.location)?;
        let occurs = match (optional, particle.max) {
            (true, Some(1)) => Occurs::Optional,
            (false, Some(1)) => Occurs::One,
            (_, max) => Occurs::Many {
                min: if optional { 0 } else { particle.min },
                max,
            },
        };
        let blankable = self.plan.api.blank_is_absent
            && occurs == Occurs::One
            && !element.nillable
            && owner.usage
                == (Usage {
                    request: false,
                    response: true,
                })
            && ty.is_lexical()
            && !ty.keeps_blank();
        Some(Field {
            rust: owner.fields.take(&field_name(&element.name.local)),
            personal: matches!(ty, Ty::Scalar(_))
                && self.is_personal(owner.name, &element.name.local),
            wire: element.name.clone(),
            // XML keeps `xsi:nil` itself.
            nillable: element.nillable && ty != Ty::Any,
            ty,
            occurs,
            blankable,
            items: false,
            boxed: false,
            facets,
            doc: element.doc.text.clone(),
            evidence: element.doc.evidence,
            label,
            default: element.default.clone(),
            fixed: element.fixed.clone(),
        })
    }

    pub(super) fn plan_choice(
        &mut self,
        arms: &[Particle],
        group: Option<&str>,
        occurs: Occurs,
        owner: &mut Owner<'_>,
    ) -> Option<ChoiceUse> {
        let firsts: Vec<String> = arms.iter().filter_map(first_element).collect();
        let api = self.plan.api;
        let config = api.choices.iter().find(|c| c.arms == firsts);
        // Groups are cut differently where they are read by position.
        let differs = owner.ordered && !arms.iter().all(is_single);
        let signature = format!(
            "{differs}{:?}",
            arms.iter().map(signature).collect::<Vec<_>>()
        );
        let item = match self.choices.get(&signature) {
            Some(item) => *item,
            None => {
                let wanted = match (config, group) {
                    (Some(config), _) => config.name.clone(),
                    (None, Some(group)) => type_name(group),
                    (None, None) => format!("{}Choice", owner.name),
                };
                let name = self.names.take(&wanted);
                // A named choice serves several types and has a file of its own.
                let module = if config.is_some() || group.is_some() {
                    vec!["types".to_owned(), self.modules.take(&snake(&name))]
                } else {
                    owner.module.to_vec()
                };
                let doc = config.map_or_else(
                    || {
                        format!(
                            "One of: {}.",
                            firsts
                                .iter()
                                .map(|f| format!("`{f}`"))
                                .collect::<Vec<_>>()
                                .join(", ")
                        )
                    },
                    |c| c.doc.clone(),
                );
                let field = match (config, group) {
                    (Some(config), _) => config.field.clone(),
                    (None, Some(group)) => field_name(group),
                    (None, None) => "choice".to_owned(),
                };
                let item = self.reserve(Item {
                    name: name.clone(),
                    module: module.clone(),
                    wire: "xs:choice".to_owned(),
                    doc: Doc {
                        text: doc,
                        evidence: owner.doubt(),
                    },
                    kind: ItemKind::Choice(ChoicePlan {
                        arms: Vec::new(),
                        field,
                        ordered: owner.ordered,
                    }),
                    element: None,
                    usage: owner.usage,
                    location: owner.location.clone(),
                });
                self.choices.insert(signature, item);
                let planned = self.plan_arms(arms, &name, &module, config, owner);
                if let ItemKind::Choice(choice) = &mut self.plan.items[item.0].kind {
                    choice.arms = planned;
                }
                item
            }
        };
        let ItemKind::Choice(plan) = &mut self.plan.items[item.0].kind else {
            return None;
        };
        plan.ordered |= owner.ordered;
        Some(ChoiceUse {
            rust: owner.fields.take(&plan.field),
            item,
            occurs,
            doc: self.plan.item(item).doc.text.clone(),
        })
    }

    /// A sequence that repeats, or that is there or not as a whole: a struct of its own.
    fn plan_group(
        &mut self,
        parts: &[Particle],
        occurs: Occurs,
        owner: &mut Owner<'_>,
    ) -> ChoiceUse {
        let firsts: Vec<String> = parts.iter().filter_map(first_element).collect();
        let api = self.plan.api;
        let config = api.choices.iter().find(|c| c.arms == firsts);
        let (wanted, field) = match (config, occurs) {
            (Some(config), _) => (config.name.clone(), config.field.as_str()),
            (None, Occurs::Many { .. }) => (format!("{}Group", owner.name), "groups"),
            (None, _) => (format!("{}Group", owner.name), "group"),
        };
        let name = self.names.take(&wanted);
        let names: Vec<String> = firsts.iter().map(|first| format!("`{first}`")).collect();
        let doc = config.map_or_else(
            || format!("The group of {}.", names.join(", ")),
            |c| c.doc.clone(),
        );
        let item = self.reserve(Item {
            name: name.clone(),
            module: owner.module.to_vec(),
            wire: "xs:sequence".to_owned(),
            doc: Doc {
                text: doc.clone(),
                evidence: owner.doubt(),
            },
            kind: ItemKind::Struct(StructPlan::default()),
            element: None,
            usage: owner.usage,
            location: owner.location.clone(),
        });
        let mut fields = Scope::default();
        let mut inner = Owner {
            evidence: owner.evidence,
            name: &name,
            module: owner.module,
            usage: owner.usage,
            fields: &mut fields,
            location: owner.location,
            ordered: true,
        };
        let mut plan = StructPlan {
            members: Vec::new(),
            is_arm: true,
            ordered: true,
        };
        for part in parts {
            self.plan_particle(part, false, &mut inner, &mut plan.members);
        }
        self.plan.items[item.0].kind = ItemKind::Struct(plan);
        ChoiceUse {
            rust: owner.fields.take(field),
            item,
            occurs,
            doc,
        }
    }

    pub(super) fn plan_arms(
        &mut self,
        arms: &[Particle],
        name: &str,
        module: &[String],
        config: Option<&crate::config::ChoiceName>,
        owner: &Owner<'_>,
    ) -> Vec<Arm> {
        let mut variants = Scope::default();
        let mut out = Vec::new();
        for arm in arms {
            let first = first_element(arm).unwrap_or_else(|| "any".to_owned());
            let wanted = config
                .and_then(|c| c.variants.get(&first).cloned())
                .unwrap_or_else(|| variant_name(&first));
            let variant = variants.take(&wanted);
            let mut fields = Scope::default();
            let mut inner = Owner {
                evidence: owner.evidence,
                name,
                module,
                usage: owner.usage,
                fields: &mut fields,
                location: owner.location,
                ordered: owner.ordered,
            };
            if let ParticleKind::Any { namespace } = &arm.kind {
                let occurs = match arm.max {
                    Some(1) => Occurs::One,
                    max => Occurs::Many { min: 1, max },
                };
                let field = any_field("any", namespace, occurs);
                out.push(Arm {
                    variant,
                    kind: ArmKind::Element(Box::new(field)),
                });
                continue;
            }
            if let ParticleKind::Element(element) = &arm.kind {
                // An optional element in a choice is there when its arm is taken.
                let arm = Particle {
                    min: arm.min.max(1),
                    ..arm.clone()
                };
                if let Some(mut field) = self.plan_element(element, &arm, false, &mut inner) {
                    field.blankable = false;
                    out.push(Arm {
                        variant,
                        kind: ArmKind::Element(Box::new(field)),
                    });
                }
                continue;
            }
            let item_name = self.names.take(&format!("{variant}{name}"));
            let item = self.reserve(Item {
                name: item_name.clone(),
                module: module.to_vec(),
                wire: "xs:sequence".to_owned(),
                doc: Doc {
                    text: format!("Arm of [`{name}`]."),
                    evidence: owner.doubt(),
                },
                kind: ItemKind::Struct(StructPlan::default()),
                element: None,
                usage: owner.usage,
                location: owner.location.clone(),
            });
            inner.name = &item_name;
            let mut plan = StructPlan {
                members: Vec::new(),
                is_arm: true,
                ordered: owner.ordered,
            };
            // An optional group in a choice is there when its arm is taken.
            let arm = Particle {
                min: arm.min.max(1),
                ..arm.clone()
            };
            self.plan_particle(&arm, false, &mut inner, &mut plan.members);
            let boxed = plan.members.len() > 6;
            self.plan.items[item.0].kind = ItemKind::Struct(plan);
            out.push(Arm {
                variant,
                kind: ArmKind::Group { item, boxed },
            });
        }
        out
    }
}

/// A field for elements that the contract does not describe.
fn any_field(rust: &str, namespace: &str, occurs: Occurs) -> Field {
    Field {
        rust: rust.to_owned(),
        wire: QName::new("", ""),
        ty: Ty::Any,
        occurs,
        nillable: false,
        blankable: false,
        items: false,
        boxed: false,
        facets: Facets::default(),
        doc: format!("What the contract does not describe (`xs:any`, namespaces `{namespace}`)."),
        evidence: None,
        label: "xs:any".to_owned(),
        personal: false,
        default: None,
        fixed: None,
    }
}

/// The type whose content is being planned.
pub(super) struct Owner<'o> {
    evidence: Option<Evidence>,
    name: &'o str,
    module: &'o [String],
    usage: Usage,
    fields: &'o mut Scope,
    location: &'o Location,
    /// It is read by position.
    ordered: bool,
}

impl Owner<'_> {
    /// How well a choice in it and its arms are known, when not from a contract.
    fn doubt(&self) -> Option<Evidence> {
        self.evidence.filter(|e| *e != Evidence::Contract)
    }
}

pub(super) fn first_element(particle: &Particle) -> Option<String> {
    particle.elements().next().map(|e| e.name.local.clone())
}

/// Tells equal choices from different ones: names, types and occurrence count, words do not.
pub(super) fn signature(particle: &Particle) -> String {
    let occurs = format!("{}..{:?}", particle.min, particle.max);
    match &particle.kind {
        ParticleKind::Element(e) => format!("{}:{:?}:{}:{occurs}", e.name, e.ty, e.nillable),
        ParticleKind::Sequence(inner) => {
            format!(
                "seq{:?}{occurs}",
                inner.iter().map(signature).collect::<Vec<_>>()
            )
        }
        ParticleKind::All(inner) => {
            format!(
                "all{:?}{occurs}",
                inner.iter().map(signature).collect::<Vec<_>>()
            )
        }
        ParticleKind::Choice { arms, .. } => {
            format!(
                "choice{:?}{occurs}",
                arms.iter().map(signature).collect::<Vec<_>>()
            )
        }
        ParticleKind::Any { namespace } => format!("any{namespace}{occurs}"),
    }
}
