//! The REST platforms as a client sees them.

mod bsc;
mod contract;
mod kite;
mod kpn;
mod masstack;
mod receiver;

use serde_json::Value;

use self::contract::Contract;
use self::receiver::Receiver;
use super::http;
use crate::*;

/// A plain HTTP client with a token.
struct Rest {
    http: reqwest::Client,
    base: String,
    /// Empty where a client certificate tells who calls.
    token: String,
}

#[derive(Debug)]
struct RestAnswer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: String,
}

impl RestAnswer {
    /// The body as JSON, if there is one.
    fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_str(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

async fn finish(request: reqwest::RequestBuilder) -> reqwest::Result<RestAnswer> {
    let response = request.send().await?;
    Ok(RestAnswer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.text().await?,
    })
}

impl Rest {
    /// A request with a body, if it is not null.
    fn request(&self, method: &str, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base);
        let request = self.http.request(method.parse().unwrap(), url);
        let request = match self.token.is_empty() {
            true => request,
            false => request.bearer_auth(&self.token),
        };
        if body.is_null() {
            return request;
        }
        request
            .header("Content-Type", "application/json")
            .body(body.to_string())
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> RestAnswer {
        finish(self.request(method, path, body)).await.unwrap()
    }

    async fn get(&self, path: &str) -> RestAnswer {
        self.call("GET", path, &Value::Null).await
    }
}

/// A client whose calls are held against a contract, both ways.
struct Judged<'a> {
    sandbox: &'a Sandbox,
    client: &'a Rest,
    contract: &'a Contract,
}

impl Judged<'_> {
    /// A call whose answer has to have this status.
    async fn call(&self, status: u16, method: &str, path: &str, body: Value) -> RestAnswer {
        let request = self.client.request(method, path, &body);
        self.send(status, request, body).await
    }

    async fn send(&self, status: u16, request: reqwest::RequestBuilder, body: Value) -> RestAnswer {
        let answer = finish(request).await.unwrap();
        let entry = self.sandbox.journal().snapshot().pop().unwrap();
        assert_eq!(answer.status, status, "{entry:?}: {}", answer.body);
        if status < 400 && !body.is_null() {
            self.contract.check_request(&entry.operation, &body);
        }
        let (operation, json) = (&entry.operation, answer.json());
        self.contract.check_answer(operation, status, &json);
        answer
    }

    async fn get(&self, path: &str) -> Value {
        self.call(200, "GET", path, Value::Null).await.json()
    }

    /// Every operation of the contract has been carried out by now, but for these.
    fn all_were_called(&self, but: &[&str]) {
        let done = |operation: &str| {
            let ok = |e: &Entry| e.operation == operation && e.outcome == Outcome::Ok;
            self.sandbox.journal().count_where(ok) > 0
        };
        for (_, _, operation) in self.contract.operations() {
            assert!(
                but.contains(&operation.as_str()) || done(&operation),
                "{operation}"
            );
        }
    }
}
