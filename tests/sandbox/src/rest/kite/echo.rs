//! `Echo`, version 1.

use serde_json::json;

use super::{Answer, Context, Fault, Platform, Route, Service};
use crate::rest::{Shape, need};

pub(super) const V1: Service = Service {
    segment: "Echo",
    version: "v1",
    routes: &[Route {
        method: "POST",
        path: "echo",
        operation: "echo",
        query: &[],
        carry_out: echo,
    }],
};

const MESSAGE: Shape = Shape::Object(&[need("data", Shape::Text)]);

fn echo(cx: &Context<'_>) -> Result<Answer, Fault> {
    let body = cx.body(&MESSAGE)?;
    let data = Platform::echo(body["data"].as_str().unwrap_or_default())?;
    Ok(Answer::json(200, &json!({ "data": data })))
}
