//! Prints the readers of content that is told apart by position.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::codec::{init, option, or_else};
use super::names::Scope;
use super::plan::{
    ArmKind, ChoicePlan, ChoiceUse, Field, Item, ItemId, ItemKind, Member, Occurs, StructPlan, Ty,
};
use super::types::{Printer, ident};
use crate::model::QName;

/// What can begin a part of the content.
#[derive(Default)]
struct First<'p> {
    names: Vec<&'p QName>,
    /// An element that the contract does not know.
    any: bool,
}

/// Statements that read the children of `c`, and the struct's fields.
pub(super) fn content(
    printer: &Printer<'_>,
    members: &[Member],
    scope: &mut Scope,
) -> (TokenStream, TokenStream) {
    let mut names = Vec::new();
    known(printer, members, &mut names);
    let names = list(printer, &names);
    let children = ident(&scope.take("children"));
    let mut statements = quote!(let mut #children = c.ordered(&#names)?;);
    let mut inits = TokenStream::new();
    for member in members {
        let Some(read) = read(printer, member, &quote!(#children)) else {
            continue;
        };
        let rust = ident(member.rust());
        let slot = ident(&scope.take(member.rust()));
        statements.extend(quote!(let #slot = #read?;));
        inits.extend(init(&rust, &slot));
    }
    statements.extend(quote!(#children.finish()?;));
    (statements, inits)
}

/// `Part` for a group.
pub(super) fn group(printer: &Printer<'_>, item: &Item, plan: &StructPlan) -> TokenStream {
    let inits = plan.members.iter().filter_map(|member| {
        let read = read(printer, member, &quote!(children))?;
        let rust = ident(member.rust());
        Some(quote!(#rust: #read?,))
    });
    let body = quote!(Ok(Self { #(#inits)* }));
    let begins = begins(printer, &first_of_members(printer, &plan.members));
    part_impl(item, &begins, &body)
}

/// `Part` for a choice.
pub(super) fn choice(printer: &Printer<'_>, item: &Item, plan: &ChoicePlan) -> TokenStream {
    let mut tests = TokenStream::new();
    for arm in &plan.arms {
        let variant = ident(&arm.variant);
        let (begins, read) = match &arm.kind {
            ArmKind::Element(field) => (
                begins(printer, &first_of_field(field)),
                read_field(printer, field, &quote!(children)),
            ),
            ArmKind::Group { item, .. } => {
                let names = words(&first_of_item(printer, *item));
                (
                    begins(printer, &first_of_item(printer, *item)),
                    quote!(children.part(#names)),
                )
            }
        };
        tests.extend(quote! {
            if #begins {
                return #read.map(Self::#variant);
            }
        });
    }
    let first = first_of_choice(printer, plan);
    let names = words(&first);
    let body = quote! {
        #tests
        Err(children.missing(#names))
    };
    part_impl(item, &begins(printer, &first), &body)
}

fn part_impl(item: &Item, begins: &TokenStream, body: &TokenStream) -> TokenStream {
    let name = ident(&item.name);
    quote! {
        impl mno_runtime::xml::Part for #name {
            fn begins(children: &mno_runtime::xml::Ordered<'_, '_>) -> bool {
                #begins
            }

            fn decode_part(
                children: &mut mno_runtime::xml::Ordered<'_, '_>,
            ) -> Result<Self, mno_runtime::xml::DecodeError> {
                #body
            }
        }
    }
}

/// Reads a member; `None` for what does not stand between the tags.
fn read(printer: &Printer<'_>, member: &Member, children: &TokenStream) -> Option<TokenStream> {
    match member {
        Member::Attribute(_) | Member::AnyAttributes(_) | Member::Text(_) => None,
        Member::Element(field) => Some(read_field(printer, field, children)),
        Member::Choice(choice) => Some(match choice.occurs {
            Occurs::One => {
                let names = words(&first_of_item(printer, choice.item));
                quote!(#children.part(#names))
            }
            Occurs::Optional => quote!(#children.optional_part()),
            Occurs::Many { .. } => quote!(#children.parts()),
        }),
    }
}

fn read_field(printer: &Printer<'_>, field: &Field, children: &TokenStream) -> TokenStream {
    let (ns, local) = (printer.ns(&field.wire), &field.wire.local);
    if local.is_empty() {
        return match field.occurs {
            Occurs::One => quote!(#children.any()),
            Occurs::Optional => quote!(#children.optional_any()),
            Occurs::Many { max, .. } => {
                let max = option(max.map(Literal::u32_unsuffixed));
                quote!(#children.anys(#max))
            }
        };
    }
    let cursor = quote!(mno_runtime::xml::Cursor);
    let one = match (&field.ty, field.nillable, field.ty.is_lexical()) {
        (Ty::Any, _, _) => quote!(#cursor::any),
        (_, true, true) => quote!(#cursor::nillable_value),
        (_, true, false) => quote!(#cursor::nillable),
        (_, false, true) => quote!(|c, _| c.value()),
        (_, false, false) => quote!(#cursor::read),
    };
    if let Some(text) = or_else(field).filter(|_| !field.blankable) {
        let value = if field.nillable {
            quote!(c.nillable_value_or(tag, #text))
        } else {
            quote!(c.value_or(#text))
        };
        let tag = if field.nillable {
            quote!(tag)
        } else {
            quote!(_)
        };
        return match field.occurs {
            Occurs::One => quote!(#children.one(#ns, #local, |c, #tag| #value)),
            Occurs::Optional => {
                quote!(#children.optional(#ns, #local, |c, #tag| #value.map(Some)))
            }
            Occurs::Many { .. } => quote!(#children.many(#ns, #local, |c, #tag| #value)),
        };
    }
    let maybe = match (&field.ty, field.nillable, field.ty.is_lexical()) {
        (Ty::Any, _, _) => quote!(|c, tag| c.any(tag).map(Some)),
        (_, true, true) => quote!(|c, tag| c.nillable_value(tag).map(Some)),
        (_, true, false) => quote!(|c, tag| c.nillable(tag).map(Some)),
        (_, false, true) => quote!(#cursor::optional_value),
        (_, false, false) => quote!(#cursor::optional),
    };
    match field.occurs {
        Occurs::One if field.blankable => quote!(#children.optional(#ns, #local, #maybe)),
        Occurs::One => quote!(#children.one(#ns, #local, #one)),
        Occurs::Optional => quote!(#children.optional(#ns, #local, #maybe)),
        Occurs::Many { .. } if field.items => quote!(#children.items(#ns, #local)),
        Occurs::Many { .. } => quote!(#children.many(#ns, #local, #one)),
    }
}

/// Every element that has a place somewhere in the content.
fn known<'p>(printer: &'p Printer<'_>, members: &'p [Member], out: &mut Vec<&'p QName>) {
    let mut add = |name: &'p QName| {
        if !name.local.is_empty() && !out.contains(&name) {
            out.push(name);
        }
    };
    let mut groups = Vec::new();
    for member in members {
        match member {
            Member::Element(field) => add(&field.wire),
            Member::Choice(choice) => groups.push(choice.item),
            Member::Attribute(_) | Member::AnyAttributes(_) | Member::Text(_) => {}
        }
    }
    for item in groups {
        match &printer.plan.item(item).kind {
            ItemKind::Struct(plan) => known(printer, &plan.members, out),
            ItemKind::Choice(plan) => known_in_choice(printer, plan, out),
            _ => {}
        }
    }
}

fn known_in_choice<'p>(printer: &'p Printer<'_>, plan: &'p ChoicePlan, out: &mut Vec<&'p QName>) {
    for arm in &plan.arms {
        match &arm.kind {
            ArmKind::Element(field) => {
                if !field.wire.local.is_empty() && !out.contains(&&field.wire) {
                    out.push(&field.wire);
                }
            }
            ArmKind::Group { item, .. } => {
                if let ItemKind::Struct(plan) = &printer.plan.item(*item).kind {
                    known(printer, &plan.members, out);
                }
            }
        }
    }
}

fn first_of_field(field: &Field) -> First<'_> {
    let is_any = field.wire.local.is_empty();
    First {
        names: if is_any {
            Vec::new()
        } else {
            vec![&field.wire]
        },
        any: is_any,
    }
}

fn first_of_members<'p>(printer: &'p Printer<'_>, members: &'p [Member]) -> First<'p> {
    let mut out = First::default();
    for member in members {
        let first = match member {
            Member::Element(field) => first_of_field(field),
            Member::Choice(ChoiceUse { item, .. }) => first_of_item(printer, *item),
            Member::Attribute(_) | Member::AnyAttributes(_) | Member::Text(_) => continue,
        };
        out.names.extend(first.names);
        out.any |= first.any;
        // An element that is blank when it is not set may be left out as well.
        if member.is_required() {
            break;
        }
    }
    out
}

fn first_of_item<'p>(printer: &'p Printer<'_>, item: ItemId) -> First<'p> {
    match &printer.plan.item(item).kind {
        ItemKind::Struct(plan) => first_of_members(printer, &plan.members),
        ItemKind::Choice(plan) => first_of_choice(printer, plan),
        _ => First::default(),
    }
}

fn first_of_choice<'p>(printer: &'p Printer<'_>, plan: &'p ChoicePlan) -> First<'p> {
    let mut out = First::default();
    for arm in &plan.arms {
        let first = match &arm.kind {
            ArmKind::Element(field) => first_of_field(field),
            ArmKind::Group { item, .. } => first_of_item(printer, *item),
        };
        out.names.extend(first.names);
        out.any |= first.any;
    }
    out
}

/// The test whether the next child is one of them.
fn begins(printer: &Printer<'_>, first: &First<'_>) -> TokenStream {
    let names = list(printer, &first.names);
    match (first.names.is_empty(), first.any) {
        (true, _) => quote!(children.at_unknown()),
        (false, false) => quote!(children.at(&#names)),
        (false, true) => quote!(children.at(&#names) || children.at_unknown()),
    }
}

fn list(printer: &Printer<'_>, names: &[&QName]) -> TokenStream {
    let names = names.iter().map(|name| {
        let (ns, local) = (printer.ns(name), &name.local);
        quote!((#ns, #local))
    });
    quote!([#(#names),*])
}

/// For messages: `(icc|imsi)`.
fn words(first: &First<'_>) -> String {
    let names = first.names.iter().map(|name| name.local.as_str());
    let any = first.any.then_some("xs:any");
    let names: Vec<&str> = names.chain(any).collect();
    match names.as_slice() {
        [one] => (*one).to_owned(),
        many => format!("({})", many.join("|")),
    }
}
