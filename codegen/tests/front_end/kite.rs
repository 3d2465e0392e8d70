//! The project's own contracts.

use codegen::wsdl::{Options, read};

use crate::support::workspace;

#[test]
fn kite() {
    let directory = workspace().join("specs/wsdl/kite");
    let contracts = [
        ("UNICA_API_SOAP_Globalm2m_echo_services_v1_0.wsdl", 1),
        ("UNICA_API_SOAP_Globalm2m_inventory_services_v12_0.wsdl", 14),
    ];
    for (file, operations) in contracts {
        let path = directory.join(file);
        if !path.is_file() {
            println!("skipped: no {}", path.display());
            continue;
        }
        match read(&path, &Options::default()) {
            Ok(contract) => {
                assert_eq!(contract.operations.len(), operations, "{file}");
                assert!(contract.notes.is_empty(), "{file}: {:?}", contract.notes);
            }
            Err(problems) => panic!("{problems}"),
        }
    }
}
