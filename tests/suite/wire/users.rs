//! Users, versions 3 and 1: every operation over the wire.

use mno_kite_common_v1::types::{NameValuePair, SearchParams};
use mno_kite_users_v1 as v1;
use mno_kite_users_v3 as v3;
use mno_runtime::xml::NamespaceTable;

use super::{Wire, answer_with, message};

const V3: Wire = Wire("users-v3", "/services/SOAP/GlobalM2M/Users/v3/r12");
const V1: Wire = Wire("users-v1", "/services/SOAP/GlobalM2M/Users/v1/r12");

const ADA: &str = "ada.weir";

fn roles() -> [String; 2] {
    ["technical".to_owned(), "billing-smip".to_owned()]
}

/// What both versions know of the new user.
macro_rules! ada {
    ($api:ident) => {
        $api::operations::CreateUser::builder()
            .username(ADA)
            .firstname("Ada")
            .lastname("Weir & Ford")
            .email("ada@meadow.example")
            .org_id("customer-0Meadow7Pumps")
            .phone("+999000000401")
            .language("en")
            .country("GB")
            .timezone("Europe/London")
            .monetary_info(true)
    };
}

/// The same of a user with nothing but what is needed.
macro_rules! bert {
    ($api:ident) => {
        $api::operations::CreateUser::builder()
            .username("bert")
            .firstname("Bert")
            .lastname("One")
            .email("bert@meadow.example")
            .language("es")
            .country("ES")
            .timezone("Europe/Madrid")
    };
}

/// What both versions know of the change.
macro_rules! change {
    ($api:ident) => {
        $api::operations::ModifyUser::new(ADA)
            .with_firstname("Adah")
            .with_lastname("Ford")
            .with_email("adah@meadow.example")
            .with_phone("999000000403")
            .with_language("es")
            .with_country("ES")
            .with_timezone("Europe/Madrid")
            .with_monetary_info(false)
    };
}

/// Operations that are alike in both versions, but for the roles of a user.
macro_rules! alike {
    ($module:ident, $api:ident, $wire:expr) => {
        mod $module {
            use super::*;
            use $api::Client;
            use $api::operations::*;
            use $api::types::{User, UserStatus};

            pub(super) fn listed() -> Vec<User> {
                let filters = SearchParams::new([
                    NameValuePair::new("organization", ["customer-0Meadow7Pumps".to_owned()]),
                    NameValuePair::new("email", ["ada@meadow.example".to_owned()]),
                ]);
                let request = GetUsers::new()
                    .with_search_parameters(filters)
                    .with_index(30)
                    .with_max_batch_size(10);
                let page = $wire.exchange("getUsers", async |transport| {
                    Client::new(transport).get_users(&request).await
                });
                page.user.into_all().unwrap()
            }

            #[test]
            fn get_users() {
                let users = listed();
                let [ada, bert] = &users[..] else {
                    panic!("{} users", users.len());
                };
                assert_eq!(ada.username, ADA);
                assert_eq!(ada.firstname, "Ada");
                assert_eq!(ada.lastname, "Weir & Ford");
                assert_eq!(ada.email, "ada@meadow.example");
                assert_eq!(ada.org_id, "customer-0Meadow7Pumps");
                assert_eq!(ada.phone(), Some("+999000000401"));
                assert_eq!(ada.language, "en");
                assert_eq!(ada.country, "GB");
                assert_eq!(ada.timezone, "Europe/London");
                assert_eq!(ada.monetary_info, Some(true));
                assert_eq!(ada.status, Some(UserStatus::Active));
                assert_eq!(bert.org_id, "aggregator-5a5b5c5d5e5f000000000020");
                assert_eq!(bert.phone, None);
                assert_eq!(bert.monetary_info, None);
                assert_eq!(bert.status, Some(UserStatus::Blocked));
                let debug = format!("{users:?}");
                for personal in ["ada", "Ada", "Weir", "999000", "meadow.example"] {
                    assert!(!debug.contains(personal), "{personal} in {debug}");
                }
            }

            #[test]
            fn no_user() {
                let empty = message(&format!("{}/getUsers.empty.response.xml", $wire.0));
                let table = NamespaceTable::new($api::ns::TABLE);
                let page = answer_with::<GetUsers>(&empty, &table).unwrap();
                assert!(page.user.is_empty());
            }

            #[test]
            fn get_roles() {
                let request = GetRoles::new("customer-0Meadow7Pumps");
                let answer = $wire.exchange("getRoles", async |transport| {
                    Client::new(transport).get_roles(&request).await
                });
                assert_eq!(answer.role, ["admin", "user-management-smip"]);
            }

            #[test]
            fn delete_user() {
                let request = DeleteUser::new(ADA);
                $wire.exchange("deleteUser", async |transport| {
                    Client::new(transport).delete_user(&request).await
                });
            }

            #[test]
            fn block_user() {
                let request = BlockUser::new(ADA);
                $wire.exchange("blockUser", async |transport| {
                    Client::new(transport).block_user(&request).await
                });
            }

            #[test]
            fn unblock_user() {
                let request = UnblockUser::new(ADA);
                $wire.exchange("unblockUser", async |transport| {
                    Client::new(transport).unblock_user(&request).await
                });
            }

            #[test]
            fn reset_password() {
                let request = ResetPassword::new(ADA);
                $wire.exchange("resetPassword", async |transport| {
                    Client::new(transport).reset_password(&request).await
                });
            }
        }
    };
}

alike!(alike_v3, v3, V3);
alike!(alike_v1, v1, V1);

#[test]
fn roles_of_users() {
    let users = alike_v3::listed();
    assert_eq!(users[0].roles, roles());
    assert_eq!(users[0].mobile_phone(), Some("999000000402"));
    assert_eq!(users[1].roles, ["user"]);
    let users = alike_v1::listed();
    assert_eq!(users[0].rol, ["technical"]);
    assert_eq!(users[1].rol, ["user"]);
}

#[test]
fn create_user() {
    let ada = ada!(v3).roles(roles()).mobile_phone("999000000402");
    let bert = bert!(v3).roles(["user".to_owned()]);
    for (file, user) in [("createUser", ada), ("createUser.minimal", bert)] {
        let request = user.build().unwrap();
        V3.exchange(file, async |transport| {
            v3::Client::new(transport).create_user(&request).await
        });
    }
}

#[test]
fn create_user_v1() {
    let ada = ada!(v1).rol("technical");
    let bert = bert!(v1).rol("user");
    for (file, user) in [("createUser", ada), ("createUser.minimal", bert)] {
        let request = user.build().unwrap();
        V1.exchange(file, async |transport| {
            v1::Client::new(transport).create_user(&request).await
        });
    }
}

#[test]
fn modify_user() {
    let request = change!(v3)
        .with_roles(roles())
        .with_mobile_phone("999000000402");
    V3.exchange("modifyUser", async |transport| {
        v3::Client::new(transport).modify_user(&request).await
    });
}

#[test]
fn modify_user_v1() {
    let request = change!(v1).with_rol("technical");
    V1.exchange("modifyUser", async |transport| {
        v1::Client::new(transport).modify_user(&request).await
    });
}

#[test]
fn a_user_without_a_role_is_not_sent() {
    let error = bert!(v3).build().unwrap_err();
    assert!(error.to_string().contains("roles"), "{error}");
}
