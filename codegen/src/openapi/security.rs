//! What callers identify themselves with.

use super::Dialect;
use super::model::{Flow, ParameterPlace, SecurityKind, SecurityScheme};
use super::schemas::{Schemas, doc};
use super::yaml::Node;

/// Reads all security schemes.
pub(super) fn schemes(schemas: &mut Schemas, root: &Node) -> Vec<SecurityScheme> {
    let list = if schemas.dialect == Dialect::Swagger2 {
        root.get("securityDefinitions")
    } else {
        root.get("components")
            .and_then(|c| c.get("securitySchemes"))
    };
    let mut out = Vec::new();
    for (key, node) in list.cloned().iter().flat_map(|l| l.members()) {
        let Some((node, _)) = schemas.deref(node) else {
            continue;
        };
        match kind(&node) {
            Some(kind) => out.push(SecurityScheme {
                name: key.text.clone(),
                kind,
                doc: doc(&node),
            }),
            None => {
                let message = format!("the security scheme `{}` is of no known type", key.text);
                schemas.note(&key.place, message);
            }
        }
    }
    out
}

fn kind(node: &Node) -> Option<SecurityKind> {
    Some(match node.string("type")? {
        "apiKey" => SecurityKind::ApiKey {
            place: match node.string("in")? {
                "header" => ParameterPlace::Header,
                "query" => ParameterPlace::Query,
                "cookie" => ParameterPlace::Cookie,
                _ => return None,
            },
            name: node.string("name")?.to_owned(),
        },
        "basic" => SecurityKind::Basic,
        "http" => {
            let scheme = node.string("scheme")?;
            if scheme.eq_ignore_ascii_case("basic") {
                SecurityKind::Basic
            } else if scheme.eq_ignore_ascii_case("bearer") {
                SecurityKind::Bearer(node.string("bearerFormat").map(str::to_owned))
            } else {
                SecurityKind::Http(scheme.to_owned())
            }
        }
        "oauth2" => SecurityKind::OAuth2(flows(node)),
        "openIdConnect" => SecurityKind::OpenId(node.string("openIdConnectUrl")?.to_owned()),
        "mutualTLS" => SecurityKind::MutualTls,
        _ => return None,
    })
}

fn flows(node: &Node) -> Vec<Flow> {
    let flow = |kind: &str, node: &Node| Flow {
        kind: kind.to_owned(),
        authorization_url: node.string("authorizationUrl").map(str::to_owned),
        token_url: node.string("tokenUrl").map(str::to_owned),
        scopes: node
            .get("scopes")
            .map_or(&[][..], |s| s.members())
            .iter()
            .map(|(key, text)| (key.text.clone(), text.text().unwrap_or_default()))
            .collect(),
    };
    match node.get("flows") {
        Some(flows) => flows
            .members()
            .iter()
            .filter(|(key, _)| !key.text.starts_with("x-"))
            .map(|(key, node)| flow(&key.text, node))
            .collect(),
        // Swagger 2.0 has one, under names of its own.
        None => {
            let kind = match node.string("flow").unwrap_or_default() {
                "application" => "clientCredentials",
                "accessCode" => "authorizationCode",
                other => other,
            };
            vec![flow(kind, node)]
        }
    }
}
