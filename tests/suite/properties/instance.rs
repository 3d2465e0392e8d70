//! Made-up messages of a contract: random, but the same for the same seed.

use std::fmt::Write as _;

use codegen::model::{
    Attribute, Builtin, ComplexType, Content, Contract, ElementUse, Facets, Particle, ParticleKind,
    QName, SimpleType, TypeId, TypeKind, TypeName, TypeRef,
};

use super::pattern;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// From here on, as little as possible is written.
const DEEP: usize = 5;
/// A type that cannot end by then is given up.
const DEEPEST: usize = 30;

/// Numbers that look random (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % (n.max(1) as u64)).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }
}

/// Writes one message.
pub(super) struct Instance<'c> {
    contract: &'c Contract,
    pub(super) dice: Dice,
    namespaces: Vec<String>,
    depth: usize,
    ids: usize,
}

impl<'c> Instance<'c> {
    pub(super) fn new(contract: &'c Contract, seed: u64) -> Self {
        Self {
            contract,
            dice: Dice(seed),
            namespaces: vec![XSI.to_owned()],
            depth: 0,
            ids: 0,
        }
    }

    /// A document whose root is this element; `None` if a value could not be made up.
    pub(super) fn document(&mut self, root: &QName) -> Option<String> {
        let global = self.contract.elements.get(root)?;
        let mut tag = String::new();
        // The message itself is nil only where it is a value.
        let is_value = match global.ty {
            TypeRef::Builtin(builtin) => builtin != Builtin::AnyType,
            TypeRef::Defined(id) => matches!(self.contract.ty(id).kind, TypeKind::Simple(_)),
        };
        let nillable = global.nillable && is_value;
        let content = self.content_of(global.ty, nillable, false, &mut tag)?;
        let name = self.name(root);
        let mut declarations = String::new();
        for (i, ns) in self.namespaces.iter().enumerate() {
            let _ = write!(declarations, " xmlns:p{i}=\"{ns}\"");
        }
        Some(format!("<{name}{declarations}{tag}>{content}</{name}>"))
    }

    fn name(&mut self, name: &QName) -> String {
        if name.ns.is_empty() {
            return name.local.clone();
        }
        if name.ns == "http://www.w3.org/XML/1998/namespace" {
            return format!("xml:{}", name.local);
        }
        let known = self.namespaces.iter().position(|ns| *ns == name.ns);
        let at = known.unwrap_or_else(|| {
            self.namespaces.push(name.ns.clone());
            self.namespaces.len() - 1
        });
        format!("p{at}:{}", name.local)
    }

    /// Attributes go to `tag`, what stands between the tags is the result.
    fn content_of(
        &mut self,
        ty: TypeRef,
        nillable: bool,
        derived: bool,
        tag: &mut String,
    ) -> Option<String> {
        if nillable && self.dice.one_in(4) {
            tag.push_str(" p0:nil=\"true\"");
            return Some(String::new());
        }
        let TypeRef::Defined(id) = ty else {
            return match ty {
                TypeRef::Builtin(Builtin::AnyType) => {
                    if self.dice.one_in(3) {
                        // The prefix that the writer has for something else.
                        tag.push_str(" xmlns:tns=\"urn:theirs\" tns:z=\"1\"");
                    }
                    Some(self.anything())
                }
                _ => Some(escaped(&self.value(ty)?)),
            };
        };
        let id = self.actual(id, derived, tag)?;
        match &self.contract.ty(id).kind {
            TypeKind::Simple(_) => Some(escaped(&self.value(TypeRef::Defined(id))?)),
            TypeKind::Complex(complex) => self.complex(complex, tag),
        }
    }

    /// The type that is written: the one of the contract, or one derived from it.
    fn actual(&mut self, id: TypeId, derived: bool, tag: &mut String) -> Option<TypeId> {
        let contract = self.contract;
        let TypeKind::Complex(complex) = &contract.ty(id).kind else {
            return Some(id);
        };
        let others: Vec<(TypeId, &QName)> = complex
            .derived
            .iter()
            .filter_map(
                |id| match (&contract.ty(*id).name, &contract.ty(*id).kind) {
                    (TypeName::Named(name), TypeKind::Complex(c)) if !c.is_abstract => {
                        Some((*id, name))
                    }
                    _ => None,
                },
            )
            .collect();
        let wanted = complex.is_abstract || derived && self.dice.one_in(2);
        if !wanted || !complex.is_abstract && others.is_empty() {
            return Some(id);
        }
        if others.is_empty() {
            return None;
        }
        let (id, name) = *self.dice.pick(&others);
        let name = self.name(name);
        let _ = write!(tag, " p0:type=\"{name}\"");
        Some(id)
    }

    fn complex(&mut self, complex: &ComplexType, tag: &mut String) -> Option<String> {
        for attribute in &complex.attributes {
            if attribute.required || !self.is_deep() && self.dice.one_in(2) {
                self.attribute(attribute, tag)?;
            }
        }
        if complex.any_attribute && self.dice.one_in(2) {
            tag.push_str(" xmlns:else=\"urn:elsewhere\" else:more=\"\" else:extra=\"a &lt; b\"");
        }
        self.depth += 1;
        let content = match &complex.content {
            Content::Empty => Some(String::new()),
            Content::Simple(ty) => self.value(*ty).map(|value| escaped(&value)),
            Content::Particle(particle) => self.particle(particle, complex.mixed),
        };
        self.depth -= 1;
        if complex.mixed && !matches!(complex.content, Content::Simple(_)) {
            return content.map(|content| format!("{} {content}", self.text()));
        }
        content
    }

    fn attribute(&mut self, attribute: &Attribute, tag: &mut String) -> Option<()> {
        let value = match &attribute.fixed {
            Some(fixed) => fixed.clone(),
            None => self.value(attribute.ty)?,
        };
        let name = self.name(&attribute.name);
        let value = escaped(&value).replace('"', "&quot;");
        let _ = write!(tag, " {name}=\"{value}\"");
        Some(())
    }

    fn is_deep(&self) -> bool {
        self.depth > DEEP
    }

    fn particle(&mut self, particle: &Particle, mixed: bool) -> Option<String> {
        if self.depth > DEEPEST {
            return None;
        }
        let (min, max) = (particle.min as usize, particle.max.map(|max| max as usize));
        let most = max.unwrap_or(min + 2).min(min + 2);
        let times = if self.is_deep() {
            min
        } else {
            min + self.dice.below(most - min + 1)
        };
        let mut out = String::new();
        for _ in 0..times {
            out.push_str(&self.occurrence(&particle.kind, mixed)?);
            if mixed {
                out.push_str(&self.text());
            }
        }
        Some(out)
    }

    fn occurrence(&mut self, kind: &ParticleKind, mixed: bool) -> Option<String> {
        match kind {
            ParticleKind::Element(element) => self.element(element),
            ParticleKind::Any { namespace } => Some(self.any(namespace)),
            ParticleKind::Sequence(parts) | ParticleKind::All(parts) => parts
                .iter()
                .map(|part| self.particle(part, mixed))
                .collect(),
            ParticleKind::Choice { arms, .. } => {
                // An arm that may be empty is written with something in it, else it is none.
                for _ in 0..20 {
                    let arm = self.dice.pick(arms);
                    let ids = self.ids;
                    match self.particle(arm, mixed) {
                        Some(out) if !out.trim().is_empty() => return Some(out),
                        _ => self.ids = ids,
                    }
                }
                arms.iter().find_map(|arm| {
                    let arm = Particle {
                        min: 1,
                        ..arm.clone()
                    };
                    self.particle(&arm, mixed).filter(|out| !out.is_empty())
                })
            }
        }
    }

    fn element(&mut self, element: &ElementUse) -> Option<String> {
        let contract = self.contract;
        let (mut name, mut ty, mut nillable) = (&element.name, element.ty, element.nillable);
        let mut fixed = element.fixed.clone();
        if let Some(head) = contract.elements.get(name).filter(|_| element.is_ref) {
            let others = &head.substitutes;
            if head.is_abstract || !others.is_empty() && self.dice.one_in(2) {
                let other = &contract.elements[self.dice.pick(others)];
                (name, ty, nillable, fixed) = (&other.name, other.ty, other.nillable, None);
            }
        }
        if name.ns == "http://www.w3.org/2001/XMLSchema" {
            return Some(
                "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><xs:element name=\"a\" \
                 type=\"xs:int\"/></xs:schema>"
                    .to_owned(),
            );
        }
        let mut tag = String::new();
        let content = match fixed {
            Some(fixed) => escaped(&fixed),
            None => self.content_of(ty, nillable, true, &mut tag)?,
        };
        let name = self.name(name);
        Some(format!("<{name}{tag}>{content}</{name}>"))
    }

    fn any(&mut self, namespace: &str) -> String {
        let first = namespace.split_whitespace().next().unwrap_or("##any");
        let content = self.anything();
        match first {
            "##local" | "##targetNamespace" => format!("<anything>{content}</anything>"),
            "##any" | "##other" => {
                format!(
                    "<e:any xmlns:e=\"urn:elsewhere\" e:x=\"1\" xmlns:tns=\"urn:theirs\" tns:y=\"\">{content}</e:any>"
                )
            }
            uri => format!("<any xmlns=\"{uri}\">{content}</any>"),
        }
    }

    fn anything(&mut self) -> String {
        match self.dice.below(3) {
            0 => String::new(),
            1 => self.text(),
            _ => format!(
                "{}<x xmlns=\"urn:x\" p0:nil=\"true\"/> &amp; <!-- c -->",
                self.text()
            ),
        }
    }

    fn text(&mut self) -> String {
        (*self
            .dice
            .pick(&["text", "Größe &lt; 5 &amp; ü", "a\n b", "]]&gt; \"'", "1"]))
        .to_owned()
    }

    /// A value of a simple type.
    fn value(&mut self, ty: TypeRef) -> Option<String> {
        let mut facets = Facets::default();
        let mut current = ty;
        loop {
            match current {
                TypeRef::Builtin(builtin) => return self.builtin(builtin, &facets),
                TypeRef::Defined(id) => match &self.contract.ty(id).kind {
                    TypeKind::Complex(_) => return None,
                    TypeKind::Simple(SimpleType::Restriction { base, facets: own }) => {
                        narrow(&mut facets, own);
                        current = *base;
                    }
                    TypeKind::Simple(SimpleType::Enumeration { values, .. }) => {
                        return Some(self.dice.pick(values).value.clone());
                    }
                    TypeKind::Simple(SimpleType::List { item, .. }) => {
                        let min = facets.min_length.unwrap_or(1).max(1);
                        let max = facets.max_length.unwrap_or(min + 2).min(min + 2);
                        let span = usize::try_from(max - min + 1).unwrap();
                        let count = min + self.dice.below(span) as u64;
                        let items: Option<Vec<String>> = (0..count)
                            .map(|_| self.value(*item).map(|value| value.replace(' ', "_")))
                            .collect();
                        return items.map(|items| items.join(" "));
                    }
                    TypeKind::Simple(SimpleType::Union { members }) => {
                        current = *self.dice.pick(members);
                    }
                },
            }
        }
    }

    fn builtin(&mut self, builtin: Builtin, facets: &Facets) -> Option<String> {
        use Builtin as B;
        if let Some(pattern) = facets.patterns.first() {
            for _ in 0..20 {
                let text = pattern::sample(pattern, &mut self.dice)?;
                let length = text.chars().count() as u64;
                if facets.min_length.is_none_or(|min| length >= min)
                    && facets.max_length.is_none_or(|max| length <= max)
                    && facets.patterns.len() == 1
                {
                    return Some(text);
                }
            }
            return None;
        }
        let pick = |dice: &mut Dice, of: &[&str]| Some((*dice.pick(of)).to_owned());
        let dice = &mut self.dice;
        match builtin {
            B::AnyType => None,
            B::String | B::AnySimpleType => {
                let texts = [" two  words ", "ä€😀", "<&>\"'", "line\nline", "x"];
                let text: &str = dice.pick::<&str>(&texts);
                Some(fitted(text, facets))
            }
            B::NormalizedString => Some(fitted(" a  b ", facets)),
            B::Token => {
                self.ids += 1;
                Some(fitted(&format!("t{}", self.ids), facets))
            }
            B::Tokens => pick(dice, &["a", "a b c"]),
            B::Boolean => pick(dice, &["true", "false", "1", "0"]),
            B::Decimal => {
                let low = bound(&facets.min_inclusive, 0).or(bound(&facets.min_exclusive, 1));
                let high = bound(&facets.max_inclusive, 0).or(bound(&facets.max_exclusive, -1));
                match (low, high, facets.fraction_digits) {
                    (None, None, None) => {
                        pick(dice, &["-1.50", "0", "79228162514264337.5935", "3"])
                    }
                    (None, None, _) => pick(dice, &["0", "3", "12"]),
                    (low, high, _) => Some(low.or(high)?.to_string()),
                }
            }
            B::Float | B::Double => pick(dice, &["1.5", "-0.25", "INF", "-INF", "1E10", "0"]),
            B::DateTime => pick(
                dice,
                &[
                    "2026-01-31T12:00:00Z",
                    "2026-02-28T23:59:59.123456+01:30",
                    "1999-12-31T00:00:00",
                ],
            ),
            B::Date => pick(dice, &["2026-01-31", "2024-02-29Z", "0001-01-01-14:00"]),
            B::Time => pick(dice, &["12:00:00", "23:59:59.5Z", "00:00:00+05:30"]),
            B::GYearMonth => pick(dice, &["2026-01", "2026-12Z"]),
            B::GYear => pick(dice, &["2026", "1999+01:00"]),
            B::GMonthDay => pick(dice, &["--02-29", "--12-31Z"]),
            B::GDay => pick(dice, &["---31", "---01Z"]),
            B::GMonth => pick(dice, &["--02", "--12Z"]),
            B::Duration => pick(dice, &["P1Y2M3DT4H5M6.7S", "-P30D", "PT0S"]),
            B::Base64Binary => pick(dice, &["AA==", "SGVsbG8=", "////"]),
            B::HexBinary => pick(dice, &["00", "DEADBEEF"]),
            integer => integer_of(dice, integer, facets),
        }
    }
}

fn integer_of(dice: &mut Dice, builtin: Builtin, facets: &Facets) -> Option<String> {
    use Builtin as B;
    let (low, high): (i128, i128) = match builtin {
        B::Byte => (i8::MIN.into(), i8::MAX.into()),
        B::UnsignedByte => (0, u8::MAX.into()),
        B::Short => (i16::MIN.into(), i16::MAX.into()),
        B::UnsignedShort => (0, u16::MAX.into()),
        B::Int => (i32::MIN.into(), i32::MAX.into()),
        B::UnsignedInt => (0, u32::MAX.into()),
        B::Long => (i64::MIN.into(), i64::MAX.into()),
        B::UnsignedLong => (0, u64::MAX.into()),
        B::NonNegativeInteger => (0, i128::MAX),
        B::PositiveInteger => (1, i128::MAX),
        B::NonPositiveInteger => (i128::MIN + 1, 0),
        B::NegativeInteger => (i128::MIN + 1, -1),
        _ => (i128::MIN + 1, i128::MAX),
    };
    let low = bound(&facets.min_inclusive, 0)
        .or(bound(&facets.min_exclusive, 1))
        .map_or(low, |own| own.max(low));
    let high = bound(&facets.max_inclusive, 0)
        .or(bound(&facets.max_exclusive, -1))
        .map_or(high, |own| own.min(high));
    let (low, high) = match facets.total_digits {
        Some(digits) if digits < 38 => {
            let most = 10_i128.pow(u32::try_from(digits).unwrap()) - 1;
            (low.max(-most), high.min(most))
        }
        _ => (low, high),
    };
    let near = low.max(-7).min(high);
    Some(dice.pick(&[low, high, near]).to_string())
}

fn bound(text: &Option<String>, shift: i128) -> Option<i128> {
    let number: i128 = text.as_ref()?.trim().parse().ok()?;
    Some(number + shift)
}

/// A text of the length that is allowed.
fn fitted(text: &str, facets: &Facets) -> String {
    let mut out: Vec<char> = text.chars().collect();
    let min = usize::try_from(facets.min_length.unwrap_or(0)).unwrap();
    let max = facets
        .max_length
        .map_or(usize::MAX, |max| usize::try_from(max).unwrap());
    while out.len() < min {
        out.push('z');
    }
    out.truncate(max);
    out.into_iter().collect()
}

fn narrow(facets: &mut Facets, base: &Facets) {
    facets.min_length = facets.min_length.max(base.min_length);
    facets.max_length = match (facets.max_length, base.max_length) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    facets.patterns.extend(base.patterns.iter().cloned());
    let or = |own: &mut Option<String>, base: &Option<String>| {
        if own.is_none() {
            own.clone_from(base);
        }
    };
    or(&mut facets.min_inclusive, &base.min_inclusive);
    or(&mut facets.max_inclusive, &base.max_inclusive);
    or(&mut facets.min_exclusive, &base.min_exclusive);
    or(&mut facets.max_exclusive, &base.max_exclusive);
    facets.total_digits = facets.total_digits.or(base.total_digits);
    facets.fraction_digits = facets.fraction_digits.or(base.fraction_digits);
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\n', "&#10;")
}
