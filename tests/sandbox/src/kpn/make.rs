//! Makes a customer up: the same seed gives the same one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::catalogue::{self, Category, Choice};
use super::clock::{Clock, DAY, Stamp};
use super::state::{
    Account, Address, Contract, ContractState, Gender, Group, GroupKind, Ids, Invoice, Language,
    Measure, Person, Privilege, State, Subscriber, Template, Threshold, next,
};
use crate::fleet::{Random, luhn};

/// How many subscribers there are: more than two pages of a list.
pub(super) const SUBSCRIBERS: i64 = 48;
const SPARE_CARDS: usize = 10;

const FIRST_NAMES: [&str; 12] = [
    "Alex", "Bo", "Charlie", "Dani", "Elin", "Femke", "Gijs", "Hanna", "Imre", "Joris", "Kim",
    "Lou",
];
const SURNAMES: [&str; 8] = [
    "Example",
    "Specimen",
    "Voorbeeld",
    "Muster",
    "Sample",
    "Proef",
    "Beispiel",
    "Monster",
];
const ACCOUNTS: [(&str, &str); 4] = [
    ("Robin", "Example"),
    ("Noa", "Voorbeeld"),
    ("Sam", "Specimen"),
    ("Mika", "Proef"),
];

/// Ids of the groups that are there from the start.
pub(super) const CUSTOMER: i64 = 2_000_001;
pub(super) const DEBTORS: [i64; 2] = [2_000_002, 2_000_003];
pub(super) const COST_CENTERS: [i64; 3] = [2_000_004, 2_000_005, 2_000_006];
pub(super) const CUSTOM_GROUP: i64 = 2_000_007;
pub(super) const BUSINESS_LOCATION: i64 = 2_000_008;

/// `8999`, fourteen digits of which the first tells these cards from those of other platforms, and
/// the check digit: nobody's.
pub(super) fn iccid(number: i64) -> String {
    let body = format!("89993{number:013}");
    let check = luhn(&body);
    format!("{body}{check}")
}

pub(super) fn imei(number: i64) -> String {
    let body = format!("993{number:011}");
    let check = luhn(&body);
    format!("{body}{check}")
}

fn groups() -> BTreeMap<i64, Group> {
    let group = |id, parent: Option<i64>, kind, name: &str, number: Option<&str>| Group {
        id,
        parent,
        kind,
        name: name.to_owned(),
        number: number.map(str::to_owned),
    };
    let [north, south] = DEBTORS;
    let [sales, service, stores] = COST_CENTERS;
    [
        group(CUSTOMER, None, GroupKind::Customer, "Sandbox Holding", None),
        group(
            north,
            Some(CUSTOMER),
            GroupKind::Debtor,
            "Sandbox Noord BV",
            None,
        ),
        group(
            south,
            Some(CUSTOMER),
            GroupKind::Debtor,
            "Sandbox Zuid BV",
            None,
        ),
        group(
            sales,
            Some(north),
            GroupKind::CostCenter,
            "Sales",
            Some("100"),
        ),
        group(
            service,
            Some(north),
            GroupKind::CostCenter,
            "Service",
            Some("200"),
        ),
        group(
            stores,
            Some(south),
            GroupKind::CostCenter,
            "Stores",
            Some("300"),
        ),
        group(
            CUSTOM_GROUP,
            Some(north),
            GroupKind::CustomGroup,
            "Pilot",
            None,
        ),
        group(
            BUSINESS_LOCATION,
            Some(south),
            GroupKind::BusinessLocation,
            "Depot",
            None,
        ),
    ]
    .into_iter()
    .map(|g| (g.id, g))
    .collect()
}

impl State {
    /// The customer of a seed.
    pub(super) fn made_up(seed: u64) -> Self {
        let random = Random::new(seed, u64::MAX - 10);
        let account = |(at, (first_name, surname)): (i64, &(&'static str, &'static str))| Account {
            id: 6_000_001 + at,
            first_name,
            surname,
        };
        let accounts = (0..).zip(ACCOUNTS.iter()).map(account);
        let mut state = Self {
            clock: Clock::start(),
            random,
            ids: Ids {
                subscriber: 1_000_000,
                group: BUSINESS_LOCATION,
                contract: 4_000_000_000,
                order: 7_000_000_000,
                threshold: 9_000,
                address: 11_000,
                template: 12_000,
                attachment: 13_000,
                thing: 0,
            },
            customer: CUSTOMER,
            groups: groups(),
            subscribers: BTreeMap::new(),
            accounts: accounts.map(|a| (a.id, a)).collect(),
            contracts: BTreeMap::new(),
            orders: BTreeMap::new(),
            baskets: BTreeMap::new(),
            templates: BTreeMap::new(),
            thresholds: BTreeMap::new(),
            addresses: BTreeMap::new(),
            invoices: BTreeMap::new(),
            stock: BTreeMap::new(),
            retention: "6",
            orders_after: Duration::from_secs(2),
            privileges: Privilege::ALL.into_iter().collect(),
            frozen: false,
            finances_blocked: false,
        };
        for number in 0..SUBSCRIBERS {
            state.make_subscriber(number);
        }
        for _ in 0..SPARE_CARDS {
            let card = state.new_card();
            state.stock.insert(card.iccid.clone(), card);
        }
        state.make_the_rest();
        state
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from(self.random.next() % bound).unwrap_or_default()
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        let at = self.below(of.len());
        of.get(at).copied()
    }

    fn make_subscriber(&mut self, number: i64) {
        let id = next(&mut self.ids.subscriber);
        let places: Vec<i64> = DEBTORS
            .into_iter()
            .chain(COST_CENTERS)
            .chain([CUSTOM_GROUP])
            .collect();
        let first_name = self.pick(&FIRST_NAMES).unwrap_or_default();
        let surname = self.pick(&SURNAMES).unwrap_or_default();
        let person = Person {
            first_name: first_name.to_owned(),
            prefix: self
                .pick(&["", "", "", "van", "de"])
                .unwrap_or_default()
                .to_owned(),
            surname: surname.to_owned(),
            gender: self
                .pick(&[Gender::Female, Gender::Male, Gender::Other])
                .unwrap_or(Gender::Other),
            email: Some(format!(
                "{}.{}.{number}@customer.example",
                first_name.to_lowercase(),
                surname.to_lowercase()
            )),
            employee_number: format!("E-{:04}", 1001 + number),
            language: self
                .pick(&[Some(Language::Nl), Some(Language::En), None])
                .flatten(),
            comments: String::new(),
            mobile: String::new(),
            fixed: None,
            vip: self.below(10) == 0,
        };
        // The first is the caller, a user.
        let caller = number == 0;
        let subscriber = Subscriber {
            id,
            parent: self.pick(&places).unwrap_or(DEBTORS[0]),
            person,
            account: caller.then_some(6_000_001),
            roles: if caller {
                BTreeSet::from([5001])
            } else {
                BTreeSet::new()
            },
            managed: if caller {
                BTreeSet::from([CUSTOMER])
            } else {
                BTreeSet::new()
            },
        };
        self.subscribers.insert(id, subscriber);
        // The first few have one of each kind, so that there is always something to work with.
        let kinds: &[Category] = match number {
            0 => &[Category::Mobile],
            1 => &[Category::Fixed],
            2 => &[Category::FixedMobile],
            3 => &[Category::Hardware],
            4 => &[],
            _ => match self.below(10) {
                0..6 => &[Category::Mobile],
                6 => &[Category::Mobile, Category::Hardware],
                7 => &[Category::Fixed],
                8 => &[Category::Software],
                _ => &[],
            },
        };
        for kind in kinds {
            self.make_contract(id, *kind);
        }
    }

    fn make_contract(&mut self, holder: i64, category: Category) {
        let product = match category {
            Category::Mobile | Category::FixedMobile => catalogue::VOICE_AND_DATA,
            Category::Hardware => self.pick(&[10_031, 10_032]).unwrap_or(10_031),
            Category::Software => 10_041,
            _ => catalogue::FIXED_LINE,
        };
        let days = u32::try_from(self.below(500)).unwrap_or_default();
        let started = Stamp::day(2024, 1, 8).plus(DAY * days);
        let activated = started.plus(DAY);
        let state = match self.below(12) {
            0 if holder > 1_000_005 && category == Category::Mobile => ContractState::Blocked,
            1 if holder > 1_000_005 => ContractState::Closed,
            _ => ContractState::Active,
        };
        let id = next(&mut self.ids.contract);
        let contract = Contract {
            id,
            holder,
            category,
            product,
            choice: Choice::of(product),
            amount: 1,
            state,
            started,
            activated: Some(activated),
            ended: (state == ContractState::Closed).then(|| activated.plus(DAY * 100)),
            changed: activated,
            mobile: category.has_sim().then(|| self.new_mobile()),
            fixed: matches!(category, Category::Fixed | Category::FixedMobile)
                .then(|| self.new_fixed()),
            card: category.has_sim().then(|| self.new_card()),
            imei: None,
            serial: None,
            returned: false,
        };
        self.contracts.insert(id, contract);
        if category == Category::Hardware {
            self.give_device(id);
        }
    }

    /// Numbers of the device that a contract is about.
    pub(super) fn give_device(&mut self, contract: i64) {
        let number = next(&mut self.ids.thing);
        if let Some(contract) = self.contracts.get_mut(&contract) {
            contract.imei = Some(imei(number));
            contract.serial = Some(format!("SBX{number:09}"));
        }
    }

    fn make_the_rest(&mut self) {
        let mobile = |c: &&Contract| c.category == Category::Mobile;
        let first = self.contracts.values().find(mobile).map(|c| c.id);
        for (name, measure, daily, contracts) in [
            ("Data at home", Measure::DataNationalMb, 500.0, first),
            ("Calls abroad", Measure::VoiceRoamingEur, 2.5, None),
        ] {
            let id = next(&mut self.ids.threshold);
            let threshold = Threshold {
                id,
                name: name.to_owned(),
                measure,
                daily,
                contracts: contracts.into_iter().collect(),
            };
            self.thresholds.insert(id, threshold);
        }
        for (of_customer, name, city) in [
            (true, "Office", "Voorbeeldstad"),
            (false, "Home", "Proefdorp"),
        ] {
            let fields = json!({
                "addressName": name,
                "attention": null,
                "city": city,
                "companyName": "Sandbox Noord BV",
                "country": "NL",
                "floor": null,
                "houseNumber": "1",
                "location": null,
                "postalCode": "1234AB",
                "room": null,
                "street": "Voorbeeldweg",
            });
            let id = next(&mut self.ids.address);
            self.addresses.insert(
                id,
                Address {
                    of_customer,
                    fields,
                },
            );
        }
        for (at, debtor) in (0..24_i64).zip(DEBTORS.into_iter().cycle()) {
            let kind = match at % 8 {
                6 => "HARDWARE_INVOICE",
                7 => "CREDIT_NOTE",
                _ => "SERVICE_INVOICE",
            };
            let cents = i64::try_from(self.below(200_000)).unwrap_or_default();
            let id = 8_000_001 + at;
            let invoice = Invoice {
                id,
                debtor,
                number: format!("SBX-2025-{:05}", at + 1),
                kind,
                date: Stamp::day(2025, 1 + at / 2, 1),
                total: if kind == "CREDIT_NOTE" { -cents } else { cents },
            };
            self.invoices.insert(id, invoice);
        }
        for (group, name, main) in [
            (CUSTOMER, "Standard line", catalogue::VOICE_AND_DATA),
            (COST_CENTERS[0], "Sales line", 10_011),
        ] {
            let id = next(&mut self.ids.template);
            let template = Template {
                id,
                group,
                name: name.to_owned(),
                choice: Choice::of(main),
            };
            self.templates.insert(id, template);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_customer() {
        let look = |seed| {
            let state = State::made_up(seed);
            format!(
                "{:?} {:?} {:?}",
                state.subscribers, state.contracts, state.invoices
            )
        };
        assert_eq!(look(7), look(7));
        assert_ne!(look(7), look(8));
    }

    #[test]
    fn there_is_something_of_everything() {
        let state = State::made_up(7);
        for category in [
            Category::Mobile,
            Category::Fixed,
            Category::FixedMobile,
            Category::Hardware,
        ] {
            assert!(state.contracts.values().any(|c| c.category == category));
        }
        assert!(state.contracts.len() > 20);
        for contract in state.contracts.values() {
            assert!(state.subscribers.contains_key(&contract.holder));
            assert_eq!(contract.category.has_sim(), contract.card.is_some());
        }
        for subscriber in state.subscribers.values() {
            assert!(state.debtor_of(subscriber.parent).is_some());
        }
    }
}
