//! Telekom Business Smart Connect.

use std::time::Duration;

use super::*;

async fn token(sandbox: &Sandbox, http: &reqwest::Client) -> RestAnswer {
    let bsc = sandbox.bsc();
    let request = http
        .post(bsc.token_url())
        .basic_auth(bsc.user(), Some(bsc.password()))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    finish(request).await.unwrap()
}

async fn bsc(sims: usize) -> (Sandbox, Rest) {
    let builder = Sandbox::builder().sims(sims).seed(7);
    let sandbox = builder.start().await.unwrap();
    let http = http(&sandbox, None);
    let answer = token(&sandbox, &http).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let base = sandbox.bsc().base_url().to_owned();
    (sandbox, Rest { http, base, token })
}

#[tokio::test]
async fn tokens() {
    let (sandbox, client) = bsc(3).await;
    let answer = token(&sandbox, &client.http).await.json();
    assert_eq!(answer["token_type"], "bearer");
    assert_eq!(answer["expires_in"], 3600);
    assert!(answer["userId"].is_u64() && answer["orgId"].is_u64());

    let wrong = client
        .http
        .post(sandbox.bsc().token_url())
        .basic_auth(sandbox.bsc().user(), Some("wrong"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let answer = finish(wrong).await.unwrap();
    assert_eq!(
        (answer.status, answer.json()["errorCode"].as_str()),
        (400, Some("BadCredentials"))
    );

    assert_eq!(client.get("/v1/sims").await.status, 200);
    sandbox.bsc().gateway().revoke_tokens();
    let answer = client.get("/v1/sims").await;
    assert_eq!(
        (answer.status, &answer.json()["error_token"]),
        (401, &"InvalidToken".into())
    );
    sandbox.bsc().gateway().tokens_live_for(Duration::ZERO);
    let short = token(&sandbox, &client.http).await.json();
    let expired = Rest {
        token: short["access_token"].as_str().unwrap().to_owned(),
        ..client
    };
    let answer = expired.get("/v1/sims").await;
    assert_eq!(
        (answer.status, &answer.json()["error_token"]),
        (401, &"TokenExpired".into())
    );
    assert_eq!(sandbox.journal().count("telekom-bsc/token"), 4);
}

#[tokio::test]
async fn sims_by_pages() {
    let (sandbox, client) = bsc(23).await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        let answer = client.get(&format!("/v1/sims?page={page}")).await;
        assert_eq!(answer.header("x-total-count"), "23");
        assert_eq!(answer.header("x-total-pages"), "3");
        assert_eq!(answer.header("x-current-page"), page.to_string());
        let sims = answer.json();
        let iccids = sims.as_array().unwrap().iter().map(|s| s["iccid"].clone());
        seen.extend(iccids);
    }
    let expected: Vec<_> = sandbox.bsc().sims().into_iter().map(|s| s.iccid).collect();
    assert_eq!(seen, expected);
    let one = client.get(&format!("/v1/sims/{}", expected[4])).await;
    assert_eq!(one.json()["iccid"], *expected[4]);
    assert_eq!(client.get("/v1/sims/8999").await.status, 404);
    assert_eq!(client.get("/v1/sims?pageSize=101").await.status, 422);
    let entry = sandbox.journal().snapshot().pop().unwrap();
    assert_eq!(
        (entry.service.as_str(), entry.version.as_str()),
        ("telekom-bsc", "v1")
    );
    assert_eq!(entry.operation, "listSims");
    assert_eq!(entry.outcome, Outcome::Fault("1301".into()));
}
