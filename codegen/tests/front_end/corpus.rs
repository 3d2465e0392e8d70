//! Contracts that nobody here wrote.

use std::collections::BTreeMap;

use codegen::diag::Severity;
use codegen::model::{Contract, SoapVersion};
use codegen::wsdl::{Options, read};

use crate::support::workspace;

/// Contracts whose tier in `cases.json` asks for more than can be asked: message parts with an
/// undeclared prefix, or of elements that are defined nowhere, are errors, whatever lenient readers
/// make of them.
const EXCEPTIONS: [&str; 2] = [
    "wsdl/node-soap/wsdl/builtin_types.wsdl",
    "wsdl/node-soap/wsdl/schemas_without_targetnamespace.wsdl",
];

#[test]
fn corpus() {
    let corpus = workspace().join("../shared/corpus");
    let Ok(cases) = std::fs::read_to_string(corpus.join("cases.json")) else {
        println!("skipped: no corpus at {}", corpus.display());
        return;
    };
    let cases: serde_json::Value = serde_json::from_str(&cases).unwrap();
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut failures = Vec::new();
    let mut operations = 0;
    for case in cases
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["kind"] == "wsdl")
    {
        let (file, tier) = (
            case["file"].as_str().unwrap(),
            case["tier"].as_str().unwrap(),
        );
        let result = read(&corpus.join(file), &Options::default());
        let outcome = match &result {
            Ok(_) => "ok",
            Err(problems) if problems.severity() == Severity::Unsupported => "unsupported",
            Err(_) => "broken",
        };
        *counts.entry((tier.to_owned(), outcome)).or_default() += 1;
        if tier != "D" || outcome == "broken" {
            println!("{tier} {outcome:11} {file}");
            if let Err(problems) = &result {
                println!("{problems}\n");
            } else if let Ok(contract) = &result {
                for note in &contract.notes {
                    println!("note: {note}");
                }
            }
        }
        let expected = match tier {
            "X" => outcome == "broken",
            _ => outcome != "broken" || EXCEPTIONS.contains(&file),
        };
        if !expected {
            failures.push(format!("{tier} {file}: {outcome}"));
        }
        if let Ok(contract) = &result {
            let oracle = corpus.join(case["oracle"].as_str().unwrap());
            let oracle = std::fs::read_to_string(oracle).unwrap();
            let compared = compare(contract, &serde_json::from_str(&oracle).unwrap());
            operations += compared.unwrap_or_else(|e| panic!("{file}: {e}"));
        }
        if let Err(problems) = &result {
            let internal = problems
                .list
                .iter()
                .any(|d| d.message.contains("bug of the generator"));
            assert!(!internal, "{file}: {problems}");
        }
    }
    println!("corpus: {counts:?}; {operations} operations agree with zeep");
    assert!(failures.is_empty(), "{failures:#?}");
}

/// Holds the operations against what zeep saw; how many were compared.
fn compare(contract: &Contract, oracle: &serde_json::Value) -> Result<usize, String> {
    let ports = oracle["services"][&contract.name].as_object();
    let version = match contract.soap {
        SoapVersion::V11 => "Soap11Binding",
        SoapVersion::V12 => "Soap12Binding",
    };
    let port = ports.into_iter().flat_map(|ports| ports.values());
    let Some(port) = port.into_iter().find(|port| port["soap"] == version) else {
        return Ok(0);
    };
    let theirs = port["operations"].as_object().ok_or("no operations")?;
    let here = contract.operations.iter();
    let here: Vec<_> = here.filter(|o| o.ports.contains(&0)).collect();
    for operation in &here {
        let name = &operation.name;
        let other = theirs
            .get(name)
            .ok_or_else(|| format!("zeep has no `{name}`"))?;
        let same = |what: &str, ours: Option<&str>, theirs: &serde_json::Value| {
            let theirs = theirs.as_str().filter(|text| !text.is_empty());
            if ours.filter(|text| !text.is_empty()) == theirs {
                return Ok(());
            }
            Err(format!(
                "{what} of `{name}` is {ours:?} here and {theirs:?} for zeep"
            ))
        };
        same(
            "action",
            operation.soap_action.as_deref(),
            &other["soapaction"],
        )?;
        for (what, message) in [("input", &operation.input), ("output", &operation.output)] {
            let message = message.as_ref().filter(|message| !message.is_bare);
            let element = message.map(|message| message.element.to_string());
            same(what, element.as_deref(), &other[what]["element"])?;
        }
        let ours = operation.faults.len();
        let theirs = other["faults"].as_object().map_or(0, serde_json::Map::len);
        if ours != theirs {
            return Err(format!(
                "`{name}` has {ours} faults here and {theirs} for zeep"
            ));
        }
    }
    Ok(here.len())
}
