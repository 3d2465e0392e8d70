//! Stored delivery addresses.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::request::{Answer, Answered, Request};
use super::state::{Address, State, next};

impl Address {
    fn to_json(&self, id: i64) -> Value {
        let mut body = self.fields.clone();
        body["id"] = json!(id);
        body
    }
}

impl State {
    pub(super) fn address(&self, id: i64) -> Result<&Address, Refusal> {
        self.addresses
            .get(&id)
            .ok_or_else(|| Refusal::not_found(format!("There is no address {id}")))
    }

    fn addresses(&self, fits: impl Fn(&Address) -> bool) -> Answered {
        let fitting = self.addresses.iter().filter(|(_, a)| fits(a));
        Ok(Answer::Json(
            fitting.map(|(id, a)| a.to_json(*id)).collect(),
        ))
    }

    pub(super) fn list_addresses(&self, _: &Request) -> Answered {
        self.addresses(|_| true)
    }

    pub(super) fn list_customer_addresses(&self, _: &Request) -> Answered {
        self.addresses(|a| a.of_customer)
    }

    pub(super) fn list_user_addresses(&self, _: &Request) -> Answered {
        self.addresses(|a| !a.of_customer)
    }

    pub(super) fn create_customer_address(&mut self, request: &Request) -> Answered {
        self.create_address(request, true)
    }

    pub(super) fn create_user_address(&mut self, request: &Request) -> Answered {
        self.create_address(request, false)
    }

    fn create_address(&mut self, request: &Request, of_customer: bool) -> Answered {
        let fields = request.body::<AddressData>()?.checked()?;
        let id = next(&mut self.ids.address);
        let address = Address {
            of_customer,
            fields,
        };
        let body = address.to_json(id);
        self.addresses.insert(id, address);
        Ok(Answer::Json(body))
    }

    pub(super) fn edit_address(&mut self, request: &Request) -> Answered {
        let fields = request.body::<AddressData>()?.checked()?;
        self.address(request.id())?;
        if let Some(address) = self.addresses.get_mut(&request.id()) {
            address.fields = fields;
        }
        Ok(Answer::Empty)
    }

    pub(super) fn delete_address(&mut self, request: &Request) -> Answered {
        self.address(request.id())?;
        self.addresses.remove(&request.id());
        Ok(Answer::Empty)
    }
}

/// A delivery address as it is sent.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddressData {
    address_name: Option<String>,
    attention: Option<String>,
    city: String,
    company_name: String,
    country: String,
    floor: Option<String>,
    house_number: String,
    location: Option<String>,
    postal_code: String,
    room: Option<String>,
    street: String,
}

impl AddressData {
    /// The fields as they are kept, if they are right.
    pub(super) fn checked(&self) -> Result<Value, Refusal> {
        let lengths = [
            ("attention", self.attention.as_ref(), 0, 35),
            ("city", Some(&self.city), 1, 30),
            ("companyName", Some(&self.company_name), 1, 35),
            ("floor", self.floor.as_ref(), 0, 21),
            ("houseNumber", Some(&self.house_number), 1, 5),
            ("location", self.location.as_ref(), 0, 21),
            ("room", self.room.as_ref(), 0, 20),
            ("street", Some(&self.street), 1, 24),
        ];
        for (name, text, least, most) in lengths {
            let length = text.map_or(least, |t| t.chars().count());
            if !(least..=most).contains(&length) {
                return Err(Refusal::invalid(format!(
                    "{name} has {least} to {most} characters"
                )));
            }
        }
        if self.country != "NL" {
            return Err(Refusal::invalid("country is NL"));
        }
        let code = self.postal_code.as_bytes();
        let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        let letters = |part: &[u8]| part.iter().all(u8::is_ascii_alphabetic);
        if code.len() != 6 || !digits(&code[..4]) || !letters(&code[4..]) {
            return Err(Refusal::invalid(
                "postalCode is four digits and two letters, as in 1234AB",
            ));
        }
        Ok(json!(self))
    }
}
