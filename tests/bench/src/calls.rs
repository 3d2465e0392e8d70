//! `calls`: what the policies, the codec and the handle cost, beside reqwest alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use mno_sdk::runtime::transport::{Body, Call, Response, TransportError};
use mno_sdk::{Kite, RateLimits};

use crate::figures::{Figures, Target};
use crate::platform::{Connection, Platform};

const ROUNDS: usize = 21;
/// Calls in a round.
const CALLS: u32 = 200;
/// Calls of a round without a network.
const INNER: u32 = 2000;

const REQUEST: &str = "<soapenv:Envelope \
    xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:echo=\"http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/echo/v1/types\">\
    <soapenv:Body><echo:echo><echo:data>bench</echo:data></echo:echo></soapenv:Body>\
    </soapenv:Envelope>";
const ANSWER: &str = "<soapenv:Envelope \
    xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:echo=\"http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/echo/v1/types\">\
    <soapenv:Body><echo:echoResponse><echo:data>bench</echo:data></echo:echoResponse>\
    </soapenv:Body></soapenv:Envelope>";

pub(crate) async fn run(figures: &mut Figures) -> Result<()> {
    figures.note(format!(
        "Echo over HTTPS with a client certificate, no limits: medians of {ROUNDS} rounds of {CALLS}"
    ));
    let platform = Platform::start(&["--no-limits"]).await?;
    let connection = Connection::of(&platform)?;
    let kite = connection
        .kite()?
        .rate_limits(RateLimits::unlimited())
        .build()?;
    let (client, url) = bare(&connection)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // By turns: what else the machine does meets both.
        let began = Instant::now();
        for _ in 0..CALLS {
            kite.echo().send("bench").await?;
        }
        ours.push(began.elapsed() / CALLS);
        let began = Instant::now();
        for _ in 0..CALLS {
            let answer = client
                .post(&url)
                .header("Content-Type", "text/xml; charset=utf-8")
                .header("SOAPAction", "\"urn:echo\"")
                .body(REQUEST)
                .send()
                .await?;
            ensure!(answer.status().is_success(), "{}", answer.status());
            answer.bytes().await?;
        }
        theirs.push(began.elapsed() / CALLS);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    figures.add("reqwest alone", micros(theirs), "µs", Target::None);
    figures.add(
        "a typed call through all policies",
        micros(ours),
        "µs",
        Target::None,
    );
    figures.add(
        "more for a call",
        micros(ours) - micros(theirs),
        "µs",
        Target::None,
    );
    let ratio = micros(ours) / micros(theirs);
    figures.add("ratio", ratio, "x", Target::AtMost(1.5));

    figures.note("The same call over a closure: encode, policies, decode, and no network");
    let double = |_: Call| async { Ok::<_, TransportError>(Response::new(Body::from(ANSWER))) };
    let kite = Kite::builder()
        .transport(Arc::new(double))
        .rate_limits(RateLimits::unlimited())
        .build()?;
    let mut inner = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for _ in 0..INNER {
            kite.echo().send("bench").await?;
        }
        inner.push(began.elapsed() / INNER);
    }
    figures.add(
        "all that is not the network",
        micros(median(inner)),
        "µs",
        Target::AtMost(100.0),
    );
    Ok(())
}

/// What somebody would write who needs this one call.
fn bare(connection: &Connection) -> Result<(reqwest::Client, String)> {
    // The process may have a provider already; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let read = |name: &str| std::fs::read(connection.folder.join(name));
    let pem = [read("client.pem")?, read("client.key")?].concat();
    let client = reqwest::Client::builder()
        .identity(reqwest::Identity::from_pem(&pem)?)
        .tls_certs_only([reqwest::Certificate::from_pem(&read("ca.pem")?)?])
        .build()?;
    let url = format!(
        "{}/services/SOAP/GlobalM2M/Echo/v1/r12",
        connection.base_url
    );
    Ok((client, url))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
