//! Calls the Kite platform's echo through a closure in the platform's place.

use std::sync::Arc;

use mno_sdk::Kite;
use mno_sdk::runtime::transport::{Body, Call, Response};

const ANSWER: &str = r#"<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <soap:Body>
    <echoResponse xmlns="http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/echo/v1/types">
      <data>hello</data>
    </echoResponse>
  </soap:Body>
</soap:Envelope>"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let platform = |call: Call| async move {
        println!("{} {}", call.request.method(), call.request.uri());
        Ok(Response::new(Body::from(ANSWER)))
    };
    let kite = Kite::builder().transport(Arc::new(platform)).build()?;
    let answer = kite.echo().send("hello").await?;
    println!("the platform answers: {answer}");
    Ok(())
}
