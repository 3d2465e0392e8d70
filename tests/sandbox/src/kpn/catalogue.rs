//! What can be ordered: main products with the products below them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::request::Tongue;

/// How many of the products below one can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Strategy {
    SelectOne,
    SelectMany,
    None,
}

/// Category of a main product, and of the contracts made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Category {
    Mobile,
    Fixed,
    FixedMobile,
    Hardware,
    SkypeForBusiness,
    Software,
    Other,
}

impl Category {
    pub(super) const ALL: [Self; 7] = [
        Self::Mobile,
        Self::Fixed,
        Self::FixedMobile,
        Self::Hardware,
        Self::SkypeForBusiness,
        Self::Software,
        Self::Other,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Mobile => "MOBILE",
            Self::Fixed => "FIXED",
            Self::FixedMobile => "FIXED_MOBILE",
            Self::Hardware => "HARDWARE",
            Self::SkypeForBusiness => "SKYPE_FOR_BUSINESS",
            Self::Software => "SOFTWARE",
            Self::Other => "OTHER",
        }
    }

    /// Whether its contracts have a SIM.
    pub(super) const fn has_sim(self) -> bool {
        matches!(self, Self::Mobile | Self::FixedMobile)
    }
}

/// Who makes a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brand {
    Apple,
    Samsung,
}

/// A product. Amounts are in euro cents.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) bs: i64,
    /// The product above it; main products have none.
    parent: Option<i64>,
    pub(super) category: Category,
    /// Category in words.
    pub(super) words: &'static str,
    pub(super) en: &'static str,
    pub(super) nl: &'static str,
    strategy: Strategy,
    /// Whether it is chosen with the product above it.
    default: bool,
    activation: i64,
    pub(super) once: i64,
    pub(super) levy: i64,
    monthly: i64,
    pub(super) brand: Option<Brand>,
}

const NETWORK: &str = "Network Services";
/// Spelt with a space, as the filter of the main products has it.
const SIM_CARDS: &str = "SIM CARDS";
pub(super) const SPARE_CARD: i64 = 10_051;
pub(super) const VOICE_AND_DATA: i64 = 10_001;
pub(super) const FIXED_LINE: i64 = 10_021;

const BASE: Product = Product {
    bs: 0,
    parent: None,
    category: Category::Mobile,
    words: NETWORK,
    en: "",
    nl: "",
    strategy: Strategy::None,
    default: false,
    activation: 0,
    once: 0,
    levy: 0,
    monthly: 0,
    brand: None,
};

const fn below(parent: i64, bs: i64, en: &'static str, nl: &'static str, monthly: i64) -> Product {
    Product {
        bs,
        parent: Some(parent),
        en,
        nl,
        monthly,
        ..BASE
    }
}

static PRODUCTS: [Product; 13] = [
    Product {
        bs: VOICE_AND_DATA,
        en: "Mobile Voice and Data",
        nl: "Mobiel Bellen en Internet",
        strategy: Strategy::SelectMany,
        activation: 1500,
        monthly: 1000,
        ..BASE
    },
    Product {
        strategy: Strategy::SelectOne,
        default: true,
        ..below(VOICE_AND_DATA, 10_002, "Data Bundle", "Databundel", 0)
    },
    Product {
        default: true,
        ..below(10_002, 10_003, "Bundle 5 GB", "Bundel 5 GB", 500)
    },
    below(10_002, 10_004, "Bundle 20 GB", "Bundel 20 GB", 1250),
    Product {
        default: true,
        ..below(VOICE_AND_DATA, 10_005, "Voicemail", "Voicemail", 0)
    },
    below(
        VOICE_AND_DATA,
        10_006,
        "Data Roaming EU",
        "Data Roaming EU",
        250,
    ),
    Product {
        bs: 10_011,
        en: "Mobile Data",
        nl: "Mobiel Internet",
        strategy: Strategy::SelectMany,
        activation: 1500,
        monthly: 700,
        ..BASE
    },
    below(10_011, 10_012, "Fixed IP Address", "Vast IP-adres", 100),
    Product {
        bs: FIXED_LINE,
        category: Category::Fixed,
        en: "Fixed Line",
        nl: "Vaste Lijn",
        activation: 2500,
        monthly: 1500,
        ..BASE
    },
    Product {
        bs: 10_031,
        category: Category::Hardware,
        words: "Smartphones",
        en: "Sample Phone A",
        nl: "Voorbeeldtelefoon A",
        once: 60_000,
        levy: 630,
        brand: Some(Brand::Apple),
        ..BASE
    },
    Product {
        bs: 10_032,
        category: Category::Hardware,
        words: "Smartphones",
        en: "Sample Phone S",
        nl: "Voorbeeldtelefoon S",
        once: 45_000,
        levy: 630,
        brand: Some(Brand::Samsung),
        ..BASE
    },
    Product {
        bs: 10_041,
        category: Category::Software,
        words: "Software",
        en: "Office Licence",
        nl: "Kantoorlicentie",
        monthly: 900,
        ..BASE
    },
    Product {
        bs: SPARE_CARD,
        category: Category::Hardware,
        words: SIM_CARDS,
        en: "Spare SIM Card",
        nl: "Reserve-simkaart",
        once: 500,
        ..BASE
    },
];

impl Product {
    /// The id of its node in a product tree.
    pub(super) fn node(&self) -> String {
        format!("TreeNode_{}_{}", self.bs, 1_000_000_000 + self.bs)
    }

    pub(super) fn name(&self) -> Value {
        json!({ "en": self.en, "nl": self.nl })
    }

    pub(super) fn named(&self, tongue: Tongue) -> &'static str {
        match tongue {
            Tongue::English => self.en,
            Tongue::Dutch => self.nl,
        }
    }

    pub(super) fn is_main(&self) -> bool {
        self.parent.is_none()
    }

    pub(super) fn children(&self) -> impl Iterator<Item = &'static Product> {
        let bs = self.bs;
        PRODUCTS.iter().filter(move |p| p.parent == Some(bs))
    }

    /// The product itself and all below it.
    fn with_descendants(&'static self) -> Vec<&'static Product> {
        let mut all = vec![self];
        for child in self.children() {
            all.extend(child.with_descendants());
        }
        all
    }

    /// What the older shape of a product says.
    pub(super) fn old_shape(&self) -> Value {
        json!({
            "bsId": self.bs,
            "name": self.en,
            "oneTimePriceInCents": self.activation + self.once,
            "privateCopyingLevyInCents": self.levy,
        })
    }

    /// More than one device or licence can be had, but one line at a time.
    pub(super) fn can_be_many(&self) -> bool {
        matches!(self.category, Category::Hardware | Category::Software)
    }
}

/// A product by its number.
pub(super) fn product(bs: i64) -> Option<&'static Product> {
    PRODUCTS.iter().find(|p| p.bs == bs)
}

/// A product by the id of its node.
pub(super) fn by_node(node: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|p| p.node() == node)
}

pub(super) fn main_products() -> impl Iterator<Item = &'static Product> {
    PRODUCTS.iter().filter(|p| p.is_main())
}

/// Prices in euro cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Price {
    pub(super) activation: i64,
    pub(super) hardware: i64,
    pub(super) levy: i64,
    pub(super) monthly: i64,
}

impl Price {
    pub(super) fn to_json(self) -> Value {
        json!({
            "oneTime": {
                "activationFeeInCents": self.activation,
                "hardwareFeeInCents": self.hardware,
                "privateCopyingLevyInCents": self.levy,
            },
            "recurring": { "monthlyFeeInCents": self.monthly },
        })
    }

    pub(super) fn once(self) -> i64 {
        self.activation + self.hardware + self.levy
    }
}

/// What is chosen, and how often, by the product's number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Choice(BTreeMap<i64, i64>);

/// Why something cannot be chosen.
pub(super) type NoChoice = &'static str;

impl Choice {
    /// A main product with what comes with it.
    pub(super) fn of(main: i64) -> Self {
        let mut choice = Self::default();
        if let Some(product) = product(main) {
            choice.add(product, 1);
        }
        choice
    }

    fn add(&mut self, product: &'static Product, amount: i64) {
        self.0.insert(product.bs, amount);
        for child in product.children().filter(|c| c.default) {
            self.add(child, 1);
        }
    }

    /// Puts a product in. One of its kind takes the place of another if only one can be had.
    pub(super) fn put(&mut self, product: &'static Product, amount: i64) -> Result<(), NoChoice> {
        if amount != 1 && !product.can_be_many() {
            return Err("only one of this product can be ordered");
        }
        let alternatives: Vec<_> = match product.parent {
            Some(parent) => {
                if !self.0.contains_key(&parent) {
                    return Err("the product above it is not chosen");
                }
                let one = PRODUCTS
                    .iter()
                    .any(|p| p.bs == parent && p.strategy == Strategy::SelectOne);
                PRODUCTS
                    .iter()
                    .filter(|p| one && p.parent == Some(parent))
                    .collect()
            }
            // Lines take each other's place; devices and licences come on top.
            None if product.can_be_many() => Vec::new(),
            None => main_products().filter(|p| !p.can_be_many()).collect(),
        };
        if let Some(there) = self.0.get_mut(&product.bs) {
            *there = amount;
            return Ok(());
        }
        for other in alternatives {
            self.drop_tree(other);
        }
        self.add(product, amount);
        Ok(())
    }

    /// Takes a product out, and all below it.
    pub(super) fn remove(&mut self, product: &'static Product) -> Result<(), NoChoice> {
        if !self.0.contains_key(&product.bs) {
            return Err("the product is not chosen");
        }
        self.drop_tree(product);
        Ok(())
    }

    fn drop_tree(&mut self, product: &'static Product) {
        for gone in product.with_descendants() {
            self.0.remove(&gone.bs);
        }
    }

    pub(super) fn amount(&self, bs: i64) -> Option<i64> {
        self.0.get(&bs).copied()
    }

    /// The chosen main products, and how many of each.
    pub(super) fn mains(&self) -> Vec<(&'static Product, i64)> {
        main_products()
            .filter_map(|p| Some((p, self.amount(p.bs)?)))
            .collect()
    }

    /// What is chosen of one main product.
    pub(super) fn only(&self, main: &'static Product) -> Self {
        let tree = main.with_descendants();
        let of_main =
            |(bs, amount): (&i64, &i64)| tree.iter().any(|p| p.bs == *bs).then_some((*bs, *amount));
        Self(self.0.iter().filter_map(of_main).collect())
    }

    /// What is wrong with it, if anything: a node of which one must be chosen has none.
    pub(super) fn problem(&self) -> Option<&'static Product> {
        PRODUCTS.iter().find(|p| {
            p.strategy == Strategy::SelectOne
                && self.0.contains_key(&p.bs)
                && !p.children().any(|c| self.0.contains_key(&c.bs))
        })
    }

    /// What it costs. What is there already is not set up again.
    pub(super) fn price(&self, contracted: Option<&Self>) -> Price {
        let mut price = Price::default();
        for (bs, amount) in &self.0 {
            let Some(product) = product(*bs) else {
                continue;
            };
            price.monthly += product.monthly * amount;
            if contracted.is_none_or(|c| c.amount(*bs).is_none()) {
                price.activation += product.activation * amount;
                price.hardware += product.once * amount;
                price.levy += product.levy * amount;
            }
        }
        price
    }

    /// A product and those below it, as a basket shows them.
    pub(super) fn tree(&self, product: &'static Product, contracted: Option<&Self>) -> Value {
        let has = |choice: &Self| choice.amount(product.bs).is_some();
        let was = contracted.is_some_and(has);
        let lacking = self.problem().is_some_and(|p| p.bs == product.bs);
        let error = lacking.then(|| {
            json!({
                "message": { "en": "Choose one of these", "nl": "Kies een van deze" },
                "hint": { "en": "One is needed", "nl": "Er is er een nodig" },
            })
        });
        let own = Choice(BTreeMap::from([(
            product.bs,
            self.amount(product.bs).unwrap_or(1),
        )]));
        json!({
            "id": product.node(),
            "name": product.name(),
            "selected": has(self),
            "disabled": was && product.is_main(),
            "visible": true,
            "contracted": was,
            "amount": self.amount(product.bs).unwrap_or(0),
            "canOrderMoreThanOne": product.can_be_many(),
            "childrenSelectionStrategy": product.strategy,
            "error": error,
            "children": product.children().map(|c| self.tree(c, contracted)).collect::<Vec<_>>(),
            "price": own.price(contracted).to_json(),
        })
    }

    /// The chosen products below a main one, as a tree of contract items.
    pub(super) fn items(&self, product: &'static Product, contract: i64) -> Value {
        let chosen = product.children().filter(|c| self.amount(c.bs).is_some());
        json!({
            "id": item_id(contract, product),
            "citemBsId": 200_000_000 + (contract % 1_000_000) * 100 + product.bs % 100,
            // Not the number that was asked for, as on the platform.
            "contractId": 1_600_000_000 + contract % 1_000_000,
            "productBsId": product.bs,
            "tariffPlanVariantBsId": 60_001,
            "name": product.name(),
            "children": chosen.map(|c| self.items(c, contract)).collect::<Vec<_>>(),
        })
    }
}

/// The number of a contract's item; more than 32 bits hold.
pub(super) fn item_id(contract: i64, product: &Product) -> i64 {
    3_000_000_000 + (contract % 1_000_000) * 100 + product.bs % 100
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn at(bs: i64) -> &'static Product {
        product(bs).unwrap()
    }

    #[test]
    fn products_are_a_forest() {
        for p in &PRODUCTS {
            assert_eq!(by_node(&p.node()).unwrap().bs, p.bs);
            assert_eq!(PRODUCTS.iter().filter(|q| q.bs == p.bs).count(), 1);
            assert!(p.parent.is_none_or(|bs| product(bs).is_some()));
        }
    }

    #[test]
    fn choosing() {
        let mut choice = Choice::of(VOICE_AND_DATA);
        assert_eq!(choice.price(None).monthly, 1500);
        // One bundle takes the other's place.
        choice.put(at(10_004), 1).unwrap();
        assert_eq!(choice.amount(10_003), None);
        assert_eq!(choice.price(None).monthly, 2250);
        assert!(choice.put(at(10_012), 1).is_err());
        assert!(choice.put(at(10_004), 2).is_err());
        choice.put(at(10_031), 3).unwrap();
        assert_eq!(choice.price(None).hardware, 180_000);
        assert_eq!(choice.mains().len(), 2);
        // One line takes the other's place, with all below it.
        choice.put(at(10_011), 1).unwrap();
        assert_eq!(choice.amount(10_004), None);
        assert_eq!(choice.mains().len(), 2);
        choice.remove(at(10_011)).unwrap();
        assert!(choice.remove(at(10_011)).is_err());
    }

    #[test]
    fn one_of_a_group_is_needed() {
        let mut choice = Choice::of(VOICE_AND_DATA);
        assert!(choice.problem().is_none());
        choice.remove(at(10_003)).unwrap();
        assert_eq!(choice.problem().unwrap().bs, 10_002);
        let tree = choice.tree(at(VOICE_AND_DATA), None);
        assert!(tree["children"][0]["error"].is_object() && tree["error"].is_null());
    }

    #[test]
    fn contracted_products_are_not_set_up_again() {
        let before = Choice::of(VOICE_AND_DATA);
        let mut after = before.clone();
        after.put(at(10_006), 1).unwrap();
        let price = after.price(Some(&before));
        assert_eq!((price.activation, price.monthly), (0, 1750));
    }
}
