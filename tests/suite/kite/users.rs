//! Users: made, blocked, changed, deleted.

use futures_util::TryStreamExt as _;
use mno_sandbox::{Effect, Rule};
use mno_sdk::ErrorKind;
use mno_sdk::kite::users::{CreateUser, ModifyUser, User, UserStatus};
use mno_sdk::kite::{UserFilter, users_v1 as v1};

use super::*;

const ACME: &str = "customer-Acme-Devices-5a9db0c5";

fn user(name: &str) -> CreateUser {
    CreateUser::builder()
        .username(name)
        .firstname("Ada")
        .lastname("Weir & Ford")
        .email(format!("{name}@meadow.example"))
        .roles(["technical".to_owned(), "billing".to_owned()])
        .language("en")
        .country("GB")
        .timezone("Europe/London")
        .build()
        .unwrap()
}

async fn found(kite: &Kite, filter: UserFilter) -> Vec<User> {
    let users = kite.users().search(&filter).unwrap();
    users.try_collect().await.unwrap()
}

async fn status(kite: &Kite, name: &str) -> Option<UserStatus> {
    kite.users().get(name).await.unwrap().unwrap().status
}

#[tokio::test]
async fn a_user_from_creation_to_deletion() {
    let (sandbox, kite) = start(1).await;
    let users = kite.users();
    users.create(&user("ada")).await.unwrap();
    assert_eq!(sandbox.password_mails(), ["ada@meadow.example"]);
    let ada = users.get("ada").await.unwrap().unwrap();
    assert_eq!(ada.lastname, "Weir & Ford");
    assert_eq!(ada.org_id, ACME);
    assert_eq!(ada.roles, ["technical", "billing"]);
    assert_eq!(ada.monetary_info, Some(false));
    assert_eq!(ada.status, Some(UserStatus::Pending));
    assert!(sandbox.set_password("ada"));
    assert_eq!(status(&kite, "ada").await, Some(UserStatus::Active));

    users.block("ada").await.unwrap();
    let blocked: Vec<_> = users.stream().try_collect().await.unwrap();
    assert_eq!(blocked.len(), 1);
    assert_eq!(blocked[0].status, Some(UserStatus::Blocked));
    users.unblock("ada").await.unwrap();
    assert_eq!(status(&kite, "ada").await, Some(UserStatus::Active));

    let change = ModifyUser::new("ada")
        .with_email("adah@meadow.example")
        .with_mobile_phone("999000000402")
        .with_roles(["user-smip".to_owned()])
        .with_monetary_info(true);
    users.modify(&change).await.unwrap();
    let ada = users.get("ada").await.unwrap().unwrap();
    assert_eq!(ada.email, "adah@meadow.example");
    assert_eq!(ada.mobile_phone(), Some("999000000402"));
    assert_eq!(ada.firstname, "Ada");
    assert_eq!(ada.roles, ["user-smip"]);
    assert_eq!(ada.monetary_info, Some(true));

    users.reset_password("ada").await.unwrap();
    assert_eq!(sandbox.password_mails()[1..], ["adah@meadow.example"]);
    users.delete("ada").await.unwrap();
    assert!(users.get("ada").await.unwrap().is_none());
    let error = users.block("ada").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn a_role_that_is_listed_can_be_given_and_no_other() {
    let (_sandbox, kite) = start(1).await;
    let users = kite.users();
    let roles = users.roles(ACME).await.unwrap();
    assert_eq!(roles.len(), 16);
    let ada = user("ada").with_roles(roles);
    users.create(&ada).await.unwrap();
    let change = ModifyUser::new("ada").with_roles(["emperor".to_owned()]);
    let error = users.modify(&change).await.unwrap_err();
    assert!(error.is_invalid_parameter(), "{error}");
}

#[tokio::test]
async fn filters_and_pages() {
    let (sandbox, kite) = start(1).await;
    let users = kite.users();
    for number in 0..12 {
        users.create(&user(&format!("user{number}"))).await.unwrap();
    }
    let all: Vec<_> = users.stream().try_collect().await.unwrap();
    assert_eq!(all.len(), 12);
    assert_eq!(sandbox.journal().count("getUsers"), 2);
    let names = |users: Vec<User>| users.into_iter().map(|u| u.username).collect::<Vec<_>>();
    let one = UserFilter::new().email("user7@meadow.example");
    assert_eq!(names(found(&kite, one).await), ["user7"]);
    let none = UserFilter::new()
        .username("user7")
        .organization("customer-x");
    assert!(found(&kite, none).await.is_empty());
    let acme = UserFilter::new().organization(ACME);
    assert_eq!(found(&kite, acme).await.len(), 12);

    let calls = sandbox.journal().count("getUsers");
    let error = users.search(&UserFilter::new().username(" ")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("username"), "{error}");
    assert_eq!(sandbox.journal().count("getUsers"), calls);
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_in_the_list_and_not_repeated() {
    let (sandbox, kite) = start(1).await;
    sandbox
        .control()
        .add(Rule::on("createUser").then(Effect::CutAfter));
    let error = kite.users().create(&user("ada")).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("getUsers"), "{error}");
    assert_eq!(sandbox.journal().count("createUser"), 1);
    assert!(kite.users().get("ada").await.unwrap().is_some());
}

#[tokio::test]
async fn a_lost_answer_to_a_password_reset_does_not_send_a_second_mail() {
    let (sandbox, kite) = start(1).await;
    kite.users().create(&user("ada")).await.unwrap();
    sandbox
        .control()
        .add(Rule::on("resetPassword").then(Effect::CutAfter));
    let error = kite.users().reset_password("ada").await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(sandbox.password_mails().len(), 2);
}

#[tokio::test]
async fn a_user_of_an_end_customer() {
    use mno_sdk::kite::end_customers::{Contact, EndCustomer, ShippingAddress};

    let (_sandbox, kite) = start(1).await;
    let address = ShippingAddress::builder()
        .line1("Mill Lane 1")
        .city("Ford")
        .state("Meadowshire")
        .country("GB")
        .postal_code("ZZ1 1ZZ")
        .build()
        .unwrap();
    let contact = Contact::builder()
        .first_name("Ada")
        .last_name("Weir")
        .phone("999000000301")
        .email("ada@meadow.example")
        .mobile("999000000302")
        .build()
        .unwrap();
    let pumps = EndCustomer::builder()
        .name("Meadow Pumps")
        .default_language("en")
        .company_address(address.clone())
        .primary_contact(contact)
        .billing_address(address.clone())
        .shipping_address(address)
        .build()
        .unwrap();
    let id = kite.end_customers().create(pumps).await.unwrap();
    let ada = user("ada").with_org_id(id.clone());
    kite.users().create(&ada).await.unwrap();
    let theirs = UserFilter::new().organization(id.clone());
    assert_eq!(found(&kite, theirs).await.len(), 1);
    assert!(!kite.users().roles(id.clone()).await.unwrap().is_empty());

    kite.end_customers().delete(&id).await.unwrap();
    let bert = user("bert").with_org_id(id);
    let error = kite.users().create(&bert).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn version_1_has_every_operation_and_the_same_users() {
    let (sandbox, kite) = start(1).await;
    let old = kite.users_v1();
    let ada = v1::CreateUser::builder()
        .username("ada")
        .firstname("Ada")
        .lastname("Weir")
        .email("ada@meadow.example")
        .rol("technical")
        .language("en")
        .country("GB")
        .timezone("Europe/London")
        .build()
        .unwrap();
    old.create_user(&ada).await.unwrap();
    let change = v1::ModifyUser::new("ada").with_rol("billing");
    old.modify_user(&change).await.unwrap();
    old.block_user(&v1::BlockUser::new("ada")).await.unwrap();
    let page = old.get_users(&v1::GetUsers::new()).await.unwrap();
    let listed = page.user.into_all().unwrap().remove(0);
    assert_eq!(listed.rol, ["billing"]);
    assert_eq!(listed.status, Some(v1::UserStatus::Blocked));
    assert_eq!(
        kite.users().get("ada").await.unwrap().unwrap().roles,
        ["billing"]
    );

    old.unblock_user(&v1::UnblockUser::new("ada"))
        .await
        .unwrap();
    old.reset_password(&v1::ResetPassword::new("ada"))
        .await
        .unwrap();
    assert_eq!(sandbox.password_mails().len(), 2);
    let roles = old.get_roles(&v1::GetRoles::new(ACME)).await.unwrap();
    assert!(roles.role.contains(&"billing".to_owned()));
    old.delete_user(&v1::DeleteUser::new("ada")).await.unwrap();
    assert!(kite.users().get("ada").await.unwrap().is_none());
    let calls = sandbox.journal().snapshot();
    assert_eq!(calls.iter().filter(|e| e.version == "v1").count(), 8);
}
