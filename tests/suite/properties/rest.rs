//! OpenAPI documents of the corpus and our own: each generated and compiled alone, and whatever
//! value a document allows is read, written and read again without a difference.
//!
//! The values are made here, from the model that the front end gives: random, within what the
//! contract demands, the same in every run.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use codegen::emit::{Dependencies, Files, rest_alone};
use codegen::openapi::model::{RestContract, Scalar, TypeDef, TypeExpr, TypeId, TypeKind, Use};
use codegen::openapi::read;
use serde_json::{Map, Value, json};

use super::instance::Dice;
use super::{cargo, pattern, root, say, write};

/// Values of each type.
const ROUNDS: u64 = 24;

/// A document of the corpus with the crate that was made of it.
struct Document {
    file: String,
    contract: RestContract,
    krate: String,
}

/// All of them, written and compiled once; `None` without a corpus.
fn documents() -> Option<&'static [Document]> {
    static DOCUMENTS: OnceLock<Option<Vec<Document>>> = OnceLock::new();
    DOCUMENTS.get_or_init(make).as_deref()
}

fn make() -> Option<Vec<Document>> {
    let corpus = root().join("../shared/corpus");
    if !corpus.is_dir() {
        say("corpus: skipped, there is none beside the workspace");
        return None;
    }
    let text = fs::read_to_string(corpus.join("cases.json")).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    let files = list
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["kind"] == "openapi")
        .filter_map(|case| case["file"].as_str());
    let dir = root().join("target/properties");
    let mut out = Vec::new();
    for (i, file) in files.enumerate() {
        let krate = format!("rest{i}");
        let runtime = root().join("runtime").to_string_lossy().into_owned();
        let contract = read(&corpus.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        let files = rest_alone(&contract, &krate, &Dependencies::Alone { runtime })
            .unwrap_or_else(|e| panic!("{file}: {e}"));
        write(&dir.join(&krate), &files);
        let lock = dir.join(&krate).join("Cargo.lock");
        fs::copy(root().join("Cargo.lock"), lock).unwrap();
        out.push(Document {
            file: file.to_owned(),
            contract,
            krate,
        });
    }
    Some(out)
}

#[test]
fn values_of_the_corpus_survive() {
    let Some(documents) = documents() else { return };
    let driver = driver(&root().join("target/properties"), documents);
    let mut asked = Vec::new();
    for (i, document) in documents.iter().enumerate() {
        for (name, value) in values(&document.contract, i as u64) {
            asked.push((i, name, value));
        }
    }
    let mut child = Command::new(driver)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut failures = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for (i, name, value) in &asked {
                writeln!(input, "{i}\t{name}\t{value}").unwrap();
            }
            drop(input);
        });
        let mut answers = output.lines();
        for (i, name, value) in &asked {
            let answer = answers.next().unwrap().unwrap();
            let problem = judge(value, &answer);
            failures
                .extend(problem.map(|p| format!("{} {name}: {p}\n  {value}", documents[*i].file)));
        }
    });
    assert!(child.wait().unwrap().success());
    say(&format!(
        "corpus: {} values of OpenAPI documents written and read back, {} differ",
        asked.len(),
        failures.len()
    ));
    assert!(asked.len() > 5_000, "only {} values", asked.len());
    let shown: Vec<&String> = failures.iter().take(10).collect();
    assert!(failures.is_empty(), "{shown:#?}");
}

/// A crate's codec by the names of its types.
type Codec = fn(&str, &[u8]) -> Result<Option<Vec<u8>>, mno_runtime::Error>;

#[test]
fn values_of_our_own_contracts_survive() {
    let specs: [(&str, Codec); 7] = [
        ("kite-echo/v1", mno_kite_rest_echo_v1::reencode as Codec),
        ("kite-inventory/v13", mno_kite_rest_inventory_v13::reencode),
        ("kite-reports/v1", mno_kite_rest_reports_v1::reencode),
        (
            "kite-service-packs/v2",
            mno_kite_rest_service_packs_v2::reencode,
        ),
        ("kpn-msm/v11", mno_kpn_msm_v11::reencode),
        ("masstack-partners/v3", mno_masstack_partners_v3::reencode),
        ("telekom-bsc/v1", mno_telekom_bsc_v1::reencode),
    ];
    let mut failures = Vec::new();
    let mut count = 0;
    for (i, (spec, reencode)) in specs.iter().enumerate() {
        let dir = root().join("specs/openapi").join(spec);
        let contract = read(&dir.join("openapi.yaml")).unwrap_or_else(|e| panic!("{spec}: {e}"));
        for (name, value) in values(&contract, 100 + i as u64) {
            let answer = match reencode(&name, value.to_string().as_bytes()) {
                Ok(Some(out)) => format!("ok\t{}", String::from_utf8(out).unwrap()),
                Ok(None) => "none".to_owned(),
                Err(e) => format!("error\t{e}"),
            };
            count += 1;
            failures
                .extend(judge(&value, &answer).map(|p| format!("{spec} {name}: {p}\n  {value}")));
        }
    }
    say(&format!(
        "{count} values of our own OpenAPI documents written and read back, {} differ",
        failures.len()
    ));
    assert!(count > 2_000, "only {count} values");
    let shown: Vec<&String> = failures.iter().take(10).collect();
    assert!(failures.is_empty(), "{shown:#?}");
}

/// A program that answers each line of crate, type and value with a line.
fn driver(dir: &Path, documents: &[Document]) -> std::path::PathBuf {
    let mut manifest =
        "[package]\nname = \"rest-driver\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                        [workspace]\n\n[dependencies]\n"
            .to_owned();
    let mut arms = String::new();
    for (i, Document { krate, .. }) in documents.iter().enumerate() {
        manifest.push_str(&format!(
            "{krate} = {{ path = \"../{krate}\", features = [\"wire-test\"] }}\n"
        ));
        arms.push_str(&format!(
            "            \"{i}\" => {krate}::reencode(name, body.as_bytes()).map_err(|e| e.to_string()),\n"
        ));
    }
    let main = format!(
        "use std::io::{{BufRead, Write}};\n\nfn main() {{\n    let mut out = \
         std::io::BufWriter::new(std::io::stdout().lock());\n    for line in \
         std::io::stdin().lock().lines() {{\n        let line = line.unwrap();\n        let mut parts = \
         line.splitn(3, '\\t');\n        let mut next = || parts.next().unwrap();\n        let (krate, \
         name, body) = (next(), next(), next());\n        let answer = match krate {{\n{arms}            \
         _ => unreachable!(),\n        }};\n        match answer {{\n            Ok(Some(text)) => \
         writeln!(out, \"ok\\t{{}}\", String::from_utf8(text).unwrap()),\n            Ok(None) => \
         writeln!(out, \"none\"),\n            Err(e) => writeln!(out, \"error\\t{{}}\", \
         e.replace('\\n', \" \")),\n        }}\n        .unwrap();\n    }}\n}}\n"
    );
    let mut files = Files::new();
    files.insert("Cargo.toml".to_owned(), manifest);
    files.insert("src/main.rs".to_owned(), main);
    let driver = dir.join("rest-driver");
    write(&driver, &files);
    fs::copy(root().join("Cargo.lock"), driver.join("Cargo.lock")).unwrap();
    cargo(&driver, &["build"]);
    dir.join("target/debug/rest-driver")
}

// ------------------------------------------------------------------------------------------ values

/// Random numbers, the same in every run (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound.max(1) as u64)).unwrap()
    }

    /// True in so many of a hundred cases.
    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = (i128::from(high) - i128::from(low) + 1).max(1);
        let at = i128::from(self.next()) % width;
        i64::try_from(i128::from(low) + at).unwrap()
    }

    fn text(&mut self, min: u64, max: Option<u64>) -> String {
        const LETTERS: [char; 16] = [
            'a', 'Z', '0', '9', ' ', '"', '\\', '/', '\n', '\t', 'é', '😀', '<', '&', '\u{1}', '-',
        ];
        let longest = max.unwrap_or(min + 12).min(min + 12);
        let length = min + self.next() % (longest - min + 1);
        (0..length).map(|_| LETTERS[self.below(16)]).collect()
    }
}

/// Values of all types that have any.
fn values(contract: &RestContract, seed: u64) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for (at, def) in contract.types.iter().enumerate() {
        let mut maker = Maker {
            contract,
            random: Random(seed * 1_000_003 + at as u64),
        };
        for _ in 0..ROUNDS {
            if let Some(value) = maker.of_type(TypeId(at), 0) {
                out.push((def.name.clone(), value));
            }
        }
    }
    out
}

struct Maker<'c> {
    contract: &'c RestContract,
    random: Random,
}

impl Maker<'_> {
    fn def(&self, id: TypeId) -> &TypeDef {
        self.contract.ty(id)
    }

    /// `None` where no value ends.
    fn of_type(&mut self, id: TypeId, depth: usize) -> Option<Value> {
        if depth > 24 {
            return None;
        }
        match self.def(id).kind.clone() {
            TypeKind::Enum {
                values, numeric, ..
            } => {
                let value = values[self.random.below(values.len())].clone();
                Some(match (numeric, self.random.chance(10)) {
                    (true, true) => json!(4_711),
                    (true, false) => json!(value.parse::<i64>().unwrap()),
                    (false, true) => json!("A_VALUE_OF_TOMORROW"),
                    (false, false) => json!(value),
                })
            }
            TypeKind::Object {
                properties,
                additional,
                count: (min, max),
            } => {
                let mut out = Map::new();
                let max = max.map_or(usize::MAX, |max| usize::try_from(max).unwrap());
                let min = usize::try_from(min.unwrap_or(0)).unwrap();
                let likely = if depth > 6 {
                    0
                } else {
                    70 / (depth as u64 + 1)
                };
                for property in properties.iter().filter(|p| p.required) {
                    let value = self.of(&property.ty, depth + 1)?;
                    out.insert(property.name.clone(), value);
                }
                let from = self.random.below(properties.len());
                for at in 0..properties.len() {
                    let property = &properties[(from + at) % properties.len()];
                    let wanted = out.len() < min || self.random.chance(likely);
                    if property.required || out.len() >= max || !wanted {
                        continue;
                    }
                    if let Some(value) = self.of(&property.ty, depth + 1) {
                        // Nothing is not a member for a count.
                        if !(value.is_null() || value == json!([])) || min == 0 {
                            out.insert(property.name.clone(), value);
                        }
                    }
                }
                if let Some(of) = additional {
                    let known: BTreeSet<&str> =
                        properties.iter().map(|p| p.name.as_str()).collect();
                    while out.len() < min || out.len() < max && self.random.chance(likely / 2) {
                        let name = format!("x{}", self.random.text(1, Some(5)));
                        if !known.contains(name.as_str()) {
                            out.insert(name, self.of(&of, depth + 1)?);
                        }
                    }
                }
                Some(Value::Object(out))
            }
            TypeKind::OneOf {
                arms,
                discriminator,
            } => {
                let from = self.random.below(arms.len());
                for at in 0..arms.len() {
                    let arm = &arms[(from + at) % arms.len()];
                    let Some(mut value) = self.of(&arm.ty, depth + 1) else {
                        continue;
                    };
                    let union = match &arm.ty.ty {
                        TypeExpr::Named(id) => {
                            matches!(self.def(*id).kind, TypeKind::OneOf { .. })
                        }
                        _ => false,
                    };
                    // An alternative that is a union has the tag of one of its own.
                    if let (Some(member), Value::Object(members), false) =
                        (&discriminator, &mut value, union)
                    {
                        let Some(tag) = arm.tags.first() else {
                            continue;
                        };
                        members.insert(member.clone(), json!(tag));
                    }
                    return Some(value);
                }
                None
            }
        }
    }

    fn of(&mut self, of: &Use, depth: usize) -> Option<Value> {
        if of.nullable && self.random.chance(15) {
            return Some(Value::Null);
        }
        Some(match &of.ty {
            TypeExpr::Scalar(scalar) => self.scalar(*scalar, of)?,
            TypeExpr::Named(id) => self.of_type(*id, depth)?,
            TypeExpr::List(item) => {
                let min = of.facets.min_length.unwrap_or(0);
                let most = if depth > 6 { min } else { min + 2 };
                let most = of.facets.max_length.unwrap_or(most).min(most);
                let count = min + self.random.next() % (most.max(min) - min + 1);
                let mut items = Vec::new();
                for _ in 0..count {
                    // What a list holds is not null: reading it would be an error.
                    let item = self.of(item, depth + 1)?;
                    let again = of.facets.unique_items && items.contains(&item);
                    if !item.is_null() && !again {
                        items.push(item);
                    }
                }
                if (items.len() as u64) < min {
                    return None;
                }
                Value::Array(items)
            }
            TypeExpr::Map(value) => {
                let mut out = Map::new();
                let most = if depth > 6 { 0 } else { 3 };
                for _ in 0..self.random.below(most) {
                    let key = self.random.text(1, Some(6));
                    let value = self.of(value, depth + 1)?;
                    if !value.is_null() {
                        out.insert(key, value);
                    }
                }
                Value::Object(out)
            }
            TypeExpr::Any => self.any(depth),
        })
    }

    fn any(&mut self, depth: usize) -> Value {
        match self.random.below(if depth > 4 { 4 } else { 6 }) {
            0 => json!(self.random.chance(50)),
            1 => json!(self.random.between(-1000, 1000)),
            2 => json!(self.random.text(0, None)),
            3 => json!(1.5),
            4 => json!([self.any(depth + 2)]),
            _ => json!({ self.random.text(1, Some(4)): self.any(depth + 2) }),
        }
    }

    /// A text that fits a pattern, if that is simple, and is as long as it may be.
    fn fitting(&mut self, pattern: &str, of: &Use) -> Option<String> {
        let whole = pattern.strip_prefix('^').unwrap_or(pattern);
        let whole = whole.strip_suffix('$').unwrap_or(whole);
        let text = pattern::sample(whole, &mut Dice(self.random.next()))?;
        let length = text.chars().count() as u64;
        let least = of.facets.min_length.unwrap_or(0);
        let most = of.facets.max_length.unwrap_or(u64::MAX);
        (least..=most).contains(&length).then_some(text)
    }

    /// `None` where a text has to fit a pattern that is beyond this.
    fn scalar(&mut self, scalar: Scalar, of: &Use) -> Option<Value> {
        let facets = &of.facets;
        let bound = |text: &Option<String>| text.as_ref()?.parse::<f64>().ok();
        let low = bound(&facets.min_inclusive)
            .or(bound(&facets.min_exclusive).map(|n| n + 1.0))
            .map(f64::ceil);
        let high = bound(&facets.max_inclusive)
            .or(bound(&facets.max_exclusive).map(|n| n - 1.0))
            .map(f64::floor);
        // A multiple of a part of one is a whole number, too.
        let step = bound(&facets.multiple_of).map(|n| n.max(1.0) as i64);
        let mut whole = |least: i64, most: i64| {
            let low = low.map_or(least, |n| (n as i64).max(least));
            let high = high.map_or(most, |n| (n as i64).min(most));
            let any = self.random.between(low, high.max(low));
            match step {
                Some(step) if any - any.rem_euclid(step) < low => any - any.rem_euclid(step) + step,
                Some(step) => any - any.rem_euclid(step),
                None => any,
            }
        };
        Some(match scalar {
            Scalar::String | Scalar::LenientString | Scalar::Binary => {
                let min = facets.min_length.unwrap_or(0);
                match facets.patterns.as_slice() {
                    [] => json!(self.random.text(min, facets.max_length)),
                    [pattern] => json!(self.fitting(pattern, of)?),
                    _ => return None,
                }
            }
            Scalar::Digits => {
                let min = facets.min_length.unwrap_or(1).max(1);
                let length = facets.max_length.unwrap_or(min + 4).min(min + 4);
                let length = min.max(length);
                let digits: String = (0..length)
                    .map(|_| char::from(b'0' + (self.random.next() % 10) as u8))
                    .collect();
                json!(digits)
            }
            Scalar::Bool | Scalar::LenientBool => json!(self.random.chance(50)),
            Scalar::I32 | Scalar::LenientI32 => {
                json!(whole(i64::from(i32::MIN), i64::from(i32::MAX)))
            }
            Scalar::I64 | Scalar::LenientI64 => json!(whole(i64::MIN, i64::MAX)),
            Scalar::F64 | Scalar::LenientF64 => {
                let whole = whole(-1_000_000, 1_000_000);
                let more = if low.is_some() || high.is_some() || step.is_some() {
                    0.0
                } else {
                    self.random.between(0, 999) as f64 / 1000.0
                };
                json!(whole as f64 + more)
            }
            Scalar::Decimal => json!(whole(-1_000_000_000, 1_000_000_000)),
            Scalar::DecimalText => {
                let cents = whole(-100_000, 100_000);
                json!(format!("{cents}.{:02}", self.random.between(0, 99)))
            }
            Scalar::DateTime => {
                let r = &mut self.random;
                let (year, month, day) =
                    (r.between(1970, 2099), r.between(1, 12), r.between(1, 28));
                let (hour, minute, milli) = (r.between(0, 23), r.between(0, 59), r.between(0, 999));
                let zone = ["Z", "+02:00", "-11:30"][r.below(3)];
                json!(format!(
                    "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:07.{milli:03}{zone}"
                ))
            }
            Scalar::Date => {
                let r = &mut self.random;
                let (year, month, day) =
                    (r.between(1970, 2099), r.between(1, 12), r.between(1, 28));
                json!(format!("{year:04}-{month:02}-{day:02}"))
            }
            Scalar::Base64 => {
                json!(["", "AQ==", "AQI=", "AQID", "/+8="][self.random.below(5)])
            }
        })
    }
}

// ------------------------------------------------------------------------------------------ judging

/// What is wrong with an answer.
fn judge(value: &Value, answer: &str) -> Option<String> {
    match answer.split_once('\t') {
        Some(("ok", text)) => {
            let after: Value = serde_json::from_str(text).unwrap();
            difference(value, &after, "")
        }
        Some(("error", text)) => Some(text.to_owned()),
        // A type with files has no JSON.
        _ => (answer != "none").then(|| answer.to_owned()),
    }
}

/// The first difference: what is null or empty may be absent afterwards, nothing else.
fn difference(before: &Value, after: &Value, path: &str) -> Option<String> {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in old {
                let path = format!("{path}.{name}");
                match new.get(name) {
                    Some(after) => {
                        if let Some(found) = difference(value, after, &path) {
                            return Some(found);
                        }
                    }
                    None if value.is_null() || value == &json!([]) => {}
                    // Where blanks mean "not set", and no text is asked for.
                    None if value == &json!("") => {}
                    None => return Some(format!("{path} is lost")),
                }
            }
            let added = new.keys().find(|name| !old.contains_key(*name));
            added.map(|name| format!("{path}.{name} is new"))
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => old
            .iter()
            .zip(new)
            .enumerate()
            .find_map(|(i, (a, b))| difference(a, b, &format!("{path}[{i}]"))),
        (Value::Number(old), Value::Number(new)) => {
            (old.as_f64() != new.as_f64()).then(|| format!("{path}: {old} became {new}"))
        }
        (Value::String(old), Value::String(new)) if old != new => {
            let instant = |text: &str| text.parse::<mno_runtime::values::DateTime>().ok();
            let same = instant(old).is_some() && instant(old) == instant(new);
            // Identifiers are read without white space around them.
            let trimmed = old.trim() == new;
            (!same && !trimmed).then(|| format!("{path}: {old:?} became {new:?}"))
        }
        (old, new) => (old != new).then(|| format!("{path}: {old} became {new}")),
    }
}
