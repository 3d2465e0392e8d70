//! `mno-sandbox`: a sandbox to be used by hand or by a script.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use lexopt::prelude::{Long, Short, ValueExt};
use mno_sandbox::{Effect, Rule, Sandbox};

const HELP: &str = "\
Local platforms of mobile operators with made-up SIMs.

Usage: mno-sandbox [OPTIONS]

  --sims N        number of SIMs (5000)
  --seed S        seed of the SIMs (7)
  --port P        port on 127.0.0.1 (any free one)
  --dir DIR       where to write certificates and keys (./sandbox)
  --org NAME      organisation of the client certificate (Sandbox Customer)
  --password PW   password of the .pfx files (sandbox)
  --tls13         speak TLS 1.3 as well; the platform speaks 1.2 only
  --no-limits     do not enforce rate limits
  --answer-after MIN..MAX
                  answer so many milliseconds after a call was counted
  --record DIR    write the body of every request carried out to DIR
  --journal FILE  write what was seen as JSON lines when stopped
  --json          print one line of JSON instead of an explanation
  --until-eof     stop when standard input ends, too
  -h, --help      print this

It runs until Ctrl-C or SIGTERM.
";

struct Arguments {
    sims: usize,
    seed: u64,
    port: u16,
    dir: PathBuf,
    organisation: String,
    password: String,
    tls13: bool,
    limits: bool,
    answer_after: Option<(Duration, Duration)>,
    record: Option<PathBuf>,
    journal: Option<PathBuf>,
    json: bool,
    until_eof: bool,
}

/// The arguments; `None` when help was asked for.
fn arguments() -> Result<Option<Arguments>, lexopt::Error> {
    let mut args = Arguments {
        sims: 5000,
        seed: 7,
        port: 0,
        dir: "sandbox".into(),
        organisation: "Sandbox Customer".into(),
        password: "sandbox".into(),
        tls13: false,
        limits: true,
        answer_after: None,
        record: None,
        journal: None,
        json: false,
        until_eof: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("sims") => args.sims = parser.value()?.parse()?,
            Long("seed") => args.seed = parser.value()?.parse()?,
            Long("port") => args.port = parser.value()?.parse()?,
            Long("dir") => args.dir = parser.value()?.into(),
            Long("org") => args.organisation = parser.value()?.string()?,
            Long("password") => args.password = parser.value()?.string()?,
            Long("tls13") => args.tls13 = true,
            Long("no-limits") => args.limits = false,
            Long("answer-after") => args.answer_after = Some(parser.value()?.parse_with(range)?),
            Long("record") => args.record = Some(parser.value()?.into()),
            Long("journal") => args.journal = Some(parser.value()?.into()),
            Long("json") => args.json = true,
            Long("until-eof") => args.until_eof = true,
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(args))
}

/// `MIN..MAX` in milliseconds.
fn range(text: &str) -> Result<(Duration, Duration), String> {
    let ends = text.split_once("..").and_then(|(from, to)| {
        let (from, to) = (from.parse().ok()?, to.parse().ok()?);
        (from <= to).then_some((Duration::from_millis(from), Duration::from_millis(to)))
    });
    ends.ok_or_else(|| "it is to be MIN..MAX in milliseconds".to_owned())
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = match arguments() {
        Ok(Some(args)) => args,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("mno-sandbox: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mno-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Arguments) -> io::Result<()> {
    let mut builder = Sandbox::builder()
        .sims(args.sims)
        .seed(args.seed)
        .port(args.port)
        .tls13(args.tls13)
        .limits(args.limits);
    if let Some(dir) = args.record {
        builder = builder.record_dir(dir);
    }
    let sandbox = builder.start().await?;
    if let Some((from, to)) = args.answer_after {
        let delay = Effect::DelayBetween(from, to);
        sandbox.control().add(Rule::always().then(delay));
    }
    let files = Files::write(&sandbox, &args.dir, &args.organisation, &args.password)?;
    let example = sandbox
        .fleet()
        .at(0)
        .map(|sim| sim.icc.clone())
        .unwrap_or_default();
    if args.json {
        let line = serde_json::json!({
            "base_url": sandbox.base_url(),
            "download_url": sandbox.download_url(),
            "port": sandbox.address().port(),
            "ca": files.ca,
            "cert": files.cert,
            "key": files.key,
            "pfx": files.pfx,
            "pfx_legacy": files.pfx_legacy,
            "password": args.password,
            "organisation": args.organisation,
            "sims": args.sims,
            "seed": args.seed,
            "icc": example,
            "kpn": {
                "base_url": sandbox.kpn().base_url(),
                "token_url": sandbox.kpn().token_url(),
                "client_id": sandbox.kpn().client_id(),
                "client_secret": sandbox.kpn().client_secret(),
            },
            "bsc": {
                "base_url": sandbox.bsc().base_url(),
                "token_url": sandbox.bsc().token_url(),
                "user": sandbox.bsc().user(),
                "password": sandbox.bsc().password(),
            },
            "masstack": {
                "base_url": sandbox.masstack().base_url(),
                "token_url": sandbox.masstack().token_url(),
                "service_account": files.service_account,
            },
        });
        println!("{line}");
    } else {
        explain(&sandbox, &files, &args.password, &example);
    }
    tokio::select! {
        stopped = until_stopped() => stopped?,
        ended = end_of_input(), if args.until_eof => ended?,
    }
    if let Some(file) = &args.journal {
        sandbox.journal().write_json_lines(file)?;
    }
    sandbox.stop().await;
    Ok(())
}

/// Where certificates and keys are.
struct Files {
    ca: PathBuf,
    cert: PathBuf,
    key: PathBuf,
    pfx: PathBuf,
    pfx_legacy: PathBuf,
    service_account: PathBuf,
}

impl Files {
    fn write(
        sandbox: &Sandbox,
        dir: &Path,
        organisation: &str,
        password: &str,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let dir = std::path::absolute(dir)?;
        let client = sandbox.pki().client(organisation)?;
        let write = |name: &str, content: &[u8]| {
            let file = dir.join(name);
            std::fs::write(&file, content).map(|()| file)
        };
        Ok(Self {
            ca: write("ca.pem", sandbox.pki().root_pem().as_bytes())?,
            cert: write("client.pem", client.chain_pem.as_bytes())?,
            key: write("client.key", client.key_pem.as_bytes())?,
            pfx: write("client.pfx", &client.pfx_modern(password)?)?,
            pfx_legacy: write("client-legacy.pfx", &client.pfx_legacy(password)?)?,
            service_account: write(
                "service-account.json",
                sandbox.masstack().service_account_json().as_bytes(),
            )?,
        })
    }
}

fn explain(sandbox: &Sandbox, files: &Files, password: &str, icc: &str) {
    let url = sandbox.base_url();
    println!(
        "Sandbox of the Kite platform at {url}, {} SIMs",
        sandbox.fleet().len()
    );
    println!();
    println!("  trust        {}", files.ca.display());
    println!("  certificate  {}", files.cert.display());
    println!("  key          {}", files.key.display());
    println!(
        "  or PKCS#12   {} (password: {password})",
        files.pfx.display()
    );
    println!("  as old ones  {}", files.pfx_legacy.display());
    println!("  first SIM    {icc}");
    println!("  reports at   {}", sandbox.download_url());
    println!();
    println!(
        "  curl --cacert {} --cert {} --key {} -H 'Content-Type: text/xml' \\\n    \
         -d '<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><echo \
         xmlns=\"http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/echo/v1/types\"><data>\
         hello</data></echo></e:Body></e:Envelope>' \\\n    {url}/services/SOAP/GlobalM2M/Echo/v1/r12",
        files.ca.display(),
        files.cert.display(),
        files.key.display(),
    );
    println!();
    println!("The other platforms, with the same certificate to trust:");
    println!();
    let (kpn, bsc, masstack) = (sandbox.kpn(), sandbox.bsc(), sandbox.masstack());
    println!("  KPN          {}", kpn.base_url());
    println!("    token      {}", kpn.token_url());
    println!("    client     {} {}", kpn.client_id(), kpn.client_secret());
    println!("  Telekom BSC  {}", bsc.base_url());
    println!("    token      {}", bsc.token_url());
    println!("    user       {} {}", bsc.user(), bsc.password());
    println!("  MasStack     {}", masstack.base_url());
    println!("    account    {}", files.service_account.display());
    println!();
    println!("Ctrl-C stops it.");
}

/// So a sandbox never outlives the program that started it with a pipe.
async fn end_of_input() -> io::Result<()> {
    tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink())
        .await
        .map(drop)
}

#[cfg(unix)]
async fn until_stopped() -> io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn until_stopped() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
