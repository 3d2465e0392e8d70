//! The REST platforms as a client sees them.

mod bsc;

use serde_json::Value;

use super::http;
use crate::*;

/// A plain HTTP client with a token.
struct Rest {
    http: reqwest::Client,
    base: String,
    token: String,
}

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
    /// A call with a body, if it is not null.
    async fn try_call(
        &self,
        method: &str,
        path: &str,
        body: &Value,
    ) -> reqwest::Result<RestAnswer> {
        let method = method.parse().unwrap();
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.token);
        if !body.is_null() {
            request = request
                .header("Content-Type", "application/json")
                .body(body.to_string());
        }
        finish(request).await
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> RestAnswer {
        self.try_call(method, path, body).await.unwrap()
    }

    async fn get(&self, path: &str) -> RestAnswer {
        self.call("GET", path, &Value::Null).await
    }
}
