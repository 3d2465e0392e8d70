//! End customers, users, supplementary services: what is asked by hand, and what is refused.

use super::{
    Answer, Client, END_CUSTOMERS, END_CUSTOMERS_V1, SUPPLEMENTARY_SERVICES, USERS, USERS_V1,
    unlimited,
};

const GLOBALM2M: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m";
const ACME: &str = "customer-Acme-Devices-5a9db0c5";

const ADDRESS: &str = "<m:line1>Mill Lane 1</m:line1><m:city>Ford</m:city>\
                       <m:state>Meadowshire</m:state><m:country>GB</m:country>\
                       <m:postalCode>ZZ1 1ZZ</m:postalCode>";
const CONTACT: &str = "<m:firstName>Ada</m:firstName><m:lastName>Weir</m:lastName>\
                       <m:phone>999000000301</m:phone><m:email>ada@meadow.example</m:email>\
                       <m:mobile>999000000302</m:mobile>";

fn pumps() -> String {
    format!(
        "<name>Meadow Pumps</name><defaultLanguage>en</defaultLanguage>\
         <companyAddress>{ADDRESS}</companyAddress><primaryContact>{CONTACT}</primaryContact>\
         <billingAddress>{ADDRESS}</billingAddress><shippingAddress>{ADDRESS}</shippingAddress>"
    )
}

fn user(name: &str, roles: &str) -> String {
    format!(
        "<username>{name}</username><firstname>Ada</firstname><lastname>Weir</lastname>\
         <email>{name}@meadow.example</email>{roles}<language>en</language>\
         <country>GB</country><timezone>Europe/London</timezone>"
    )
}

/// Calls an operation of the service at a path.
async fn call(client: &Client, path: &str, operation: &str, inner: &str) -> Answer {
    let version = path.split('/').rev().nth(1).unwrap();
    let service = match path {
        END_CUSTOMERS | END_CUSTOMERS_V1 => "endcustomer",
        USERS | USERS_V1 => "user",
        _ => "supplementaryservices",
    };
    let body = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
         <{operation} xmlns='{GLOBALM2M}/{service}/{version}/types' \
         xmlns:m='{GLOBALM2M}/v1/types' \
         xmlns:c='http://www.telefonica.com/schemas/UNICA/SOAP/common/v1'>{inner}</{operation}>\
         </e:Body></e:Envelope>"
    );
    client.post(path, operation, body).await.unwrap()
}

fn texts(answer: &Answer, name: &str) -> Vec<String> {
    let doc = roxmltree::Document::parse(&answer.body).unwrap();
    let found = doc.descendants().filter(|n| n.tag_name().name() == name);
    found
        .map(|n| n.text().unwrap_or_default().to_owned())
        .collect()
}

/// Answers to be checked with the schema.
pub(super) async fn answers(client: &Client) -> Vec<Answer> {
    let mut all = Vec::new();
    for path in [END_CUSTOMERS, END_CUSTOMERS_V1] {
        let made = call(client, path, "createEndCustomer", &pumps()).await;
        let id = texts(&made, "endCustomerID").remove(0);
        let id = format!("<endCustomerID>{id}</endCustomerID>");
        all.push(made);
        for operation in [
            "modifyEndCustomer",
            "deactivateEndCustomer",
            "activateEndCustomer",
            "getEndCustomer",
        ] {
            all.push(call(client, path, operation, &id).await);
        }
        all.push(call(client, path, "getEndCustomers", "").await);
        all.push(call(client, path, "deleteEndCustomer", &id).await);
    }
    for (path, role) in [(USERS, "roles"), (USERS_V1, "rol")] {
        let role = format!("<{role}>technical</{role}>");
        all.push(call(client, path, "createUser", &user("ada", &role)).await);
        all.push(call(client, path, "getUsers", "").await);
        let roles = format!("<orgId>{ACME}</orgId>");
        all.push(call(client, path, "getRoles", &roles).await);
        for operation in [
            "modifyUser",
            "blockUser",
            "unblockUser",
            "resetPassword",
            "deleteUser",
        ] {
            all.push(call(client, path, operation, "<username>ada</username>").await);
        }
    }
    for operation in ["getSupplementaryServices", "getSupplementaryServiceDetail"] {
        all.push(call(client, SUPPLEMENTARY_SERVICES, operation, "").await);
    }
    for answer in &all {
        assert_eq!(answer.code(), "ok", "{}", answer.body);
    }
    all
}

#[tokio::test]
async fn end_customers_that_are_refused() {
    let (_sandbox, client) = unlimited(1).await;
    let code = async |path: &str, inner: &str| {
        let answer = call(&client, path, "createEndCustomer", inner).await;
        answer.code()
    };
    let good = pumps();
    let flow = format!("{good}<authorizationFlowEnabled>true</authorizationFlowEnabled>");
    assert_eq!(code(END_CUSTOMERS, &flow).await, "ok");
    // Version 1 does not know it yet.
    assert_eq!(code(END_CUSTOMERS_V1, &flow).await, "SVC 1001");
    let wrong = [
        (good.replace("ada@meadow.example", "ada"), "SVC 1021"),
        (good.replace("999000000301", "call me"), "SVC 1021"),
        (good.replace("Mill Lane 1", ""), "SVC 1021"),
        (good.replace("m:city", "city"), "SVC 1001"),
        (good.replace("m:city", "m:town"), "SVC 1001"),
        (good.replace("<m:city>Ford</m:city>", ""), "SVC 1000"),
        (
            good.replace("<defaultLanguage>en</defaultLanguage>", ""),
            "SVC 1000",
        ),
        (format!("{good}<status>ACTIVE</status>"), "SVC 1021"),
        (
            format!(
                "{good}<authorizationFlowThresholdPercentage>101</authorizationFlowThresholdPercentage>"
            ),
            "SVC 1021",
        ),
    ];
    for (inner, expected) in wrong {
        assert_eq!(code(END_CUSTOMERS, &inner).await, expected, "{inner}");
    }
    let page = "<startIndex>0</startIndex><maxBatchSize>11</maxBatchSize>";
    let answer = call(&client, END_CUSTOMERS, "getEndCustomers", page).await;
    assert_eq!(answer.code(), "SVC 1021");
}

#[tokio::test]
async fn users_that_are_refused() {
    let (_sandbox, client) = unlimited(1).await;
    let code = async |path: &str, inner: &str| {
        let answer = call(&client, path, "createUser", inner).await;
        answer.code()
    };
    let role = "<roles>technical</roles>";
    assert_eq!(code(USERS, &user("ada", role)).await, "ok");
    assert_eq!(code(USERS, &user("ada", role)).await, "SVC 1013");
    assert_eq!(code(USERS, &user("eve", "")).await, "SVC 1000");
    assert_eq!(
        code(USERS, &user("eve", "<roles>x</roles>")).await,
        "SVC 1021"
    );
    assert_eq!(
        code(USERS, &user("eve", "<rol>user</rol>")).await,
        "SVC 1001"
    );
    let old = "<rol>user</rol><rol>admin</rol>";
    assert_eq!(code(USERS_V1, &user("eve", old)).await, "SVC 1021");
    let mobile = "<rol>user</rol><mobilePhone>999000000302</mobilePhone>";
    assert_eq!(code(USERS_V1, &user("eve", mobile)).await, "SVC 1001");
    let elsewhere = format!("{}<orgId>customer-x</orgId>", user("eve", role));
    assert_eq!(code(USERS, &elsewhere).await, "SVC 1006");

    let filter = |name: &str| {
        format!(
            "<searchParameters><c:param><c:name>{name}</c:name><c:value>ada</c:value></c:param>\
             </searchParameters>"
        )
    };
    let found = call(&client, USERS, "getUsers", &filter("username")).await;
    assert_eq!(texts(&found, "status"), ["PENDING"]);
    let unknown = call(&client, USERS, "getUsers", &filter("userName")).await;
    assert_eq!(unknown.code(), "SVC 1001");
    let start = "<startIndex>0</startIndex>";
    let answer = call(&client, USERS, "getUsers", start).await;
    assert_eq!(answer.code(), "SVC 1001", "it is called index here");
    let roles = "<orgId>customer-x</orgId>";
    let answer = call(&client, USERS, "getRoles", roles).await;
    assert_eq!(answer.code(), "SVC 1006");
}

#[tokio::test]
async fn a_plan_of_somebody_else_does_not_exist() {
    let (sandbox, client) = unlimited(1).await;
    let other = Client::new(&sandbox, "Other Devices");
    let list = call(
        &other,
        SUPPLEMENTARY_SERVICES,
        "getSupplementaryServices",
        "",
    )
    .await;
    let id = format!("<id>{}</id>", texts(&list, "id").remove(0));
    let operation = "getSupplementaryServiceDetail";
    let detail = call(&other, SUPPLEMENTARY_SERVICES, operation, &id).await;
    assert_eq!(detail.code(), "ok");
    let detail = call(&client, SUPPLEMENTARY_SERVICES, operation, &id).await;
    assert_eq!(detail.code(), "SVC 1006");
}
