//! The whole register: hand-written households, then generated ones up to the number in `town.toml`.

use std::collections::HashSet;

use jiff::civil::Date;

use crate::asset::{self, AssetError, HouseholdSheet, PersonSheet, TownSheet};
use crate::dice::Dice;
use crate::life_stage::settled_since;
use crate::population::Population;
use crate::resident::{Household, HouseholdStatus, Resident};

/// The town and everybody in it.
pub struct Town {
    /// What `town.toml` says.
    pub sheet: TownSheet,
    /// Every household; the hand-written ones first.
    pub households: Vec<Household>,
}

impl Town {
    /// Builds the town with the seed of `town.toml`. The same assets give the same town.
    ///
    /// # Errors
    /// [`AssetError`] when a file of `assets/demo-city/` is broken.
    pub fn build() -> Result<Self, AssetError> {
        let sheet = asset::town()?;
        let seed = sheet.seed;
        Self::build_with(sheet, seed)
    }

    /// Builds the town with another seed: other generated households, the same hand-written ones.
    ///
    /// # Errors
    /// As [`Town::build`].
    pub fn build_seeded(seed: u64) -> Result<Self, AssetError> {
        Self::build_with(asset::town()?, seed)
    }

    fn build_with(sheet: TownSheet, seed: u64) -> Result<Self, AssetError> {
        let names = asset::names()?;
        let mut numbers = Numbers::default();
        let mut households: Vec<Household> = asset::households()?
            .into_iter()
            .map(|written| from_sheet(written, &sheet, &mut numbers))
            .collect();
        let mut taken: HashSet<String> = households.iter().flat_map(identities).collect();
        let mut population = Population::new(&sheet, &names, Dice::new(seed));
        while households.len() < sheet.households {
            let drawn = population.household();
            // Only the hand-written pair may share its four items.
            let fresh: Vec<String> = identities(&drawn).collect();
            if fresh.iter().any(|identity| taken.contains(identity)) {
                continue;
            }
            taken.extend(fresh);
            households.push(numbers.assign(drawn));
        }
        Ok(Self { sheet, households })
    }

    /// A hand-written household by its key.
    #[must_use]
    pub fn keyed(&self, key: &str) -> Option<&Household> {
        self.households
            .iter()
            .find(|household| household.key.as_deref() == Some(key))
    }

    /// A household by its 世帯番号.
    #[must_use]
    pub fn household(&self, number: &str) -> Option<&Household> {
        self.households
            .iter()
            .find(|household| household.number == number)
    }
}

/// The four items as one text.
fn identities(household: &Household) -> impl Iterator<Item = String> + '_ {
    household.persons.iter().map(|person| {
        format!(
            "{}|{}|{}|{}",
            person.name,
            household.address,
            person.birth_date,
            person.sex.digit()
        )
    })
}

fn from_sheet(written: HouseholdSheet, town: &TownSheet, numbers: &mut Numbers) -> Household {
    let status = written.status;
    let mut facts = written.facts;
    if status == HouseholdStatus::Resident {
        facts.settle_resident();
    }
    let ground = written
        .address
        .split('　')
        .next()
        .unwrap_or_default()
        .to_owned();
    let head = written.persons.first().map(|person| person.name.clone());
    let since = (status == HouseholdStatus::Resident).then_some(town.as_of);
    let persons = written
        .persons
        .into_iter()
        .map(|person| resident(person, status, &ground, head.as_deref(), since))
        .collect();
    numbers.assign(Household {
        number: String::new(),
        key: Some(written.key),
        shows: written.shows,
        status,
        address: written.address,
        address_kana: written.address_kana,
        postal_code: written.postal_code,
        facts,
        persons,
    })
}

fn resident(
    person: PersonSheet,
    status: HouseholdStatus,
    ground: &str,
    head: Option<&str>,
    as_of: Option<Date>,
) -> Resident {
    let mut facts = person.facts;
    match status {
        HouseholdStatus::Resident => facts.settle_resident(),
        HouseholdStatus::Expected => facts.settle_notice(),
    }
    let japanese = person.nationality.is_none();
    Resident {
        number: String::new(),
        kana: person.kana,
        birth_date: person.birth_date,
        sex: person.sex,
        relationship: person.relationship,
        domicile: japanese.then(|| ground.to_owned()),
        register_head: japanese.then(|| head.unwrap_or(&person.name).to_owned()),
        nationality: person.nationality,
        residence: person.residence,
        stay_until: person.stay_until,
        resident_since: as_of.map(|day| settled_since(person.birth_date, day)),
        deceased_on: person.deceased_on,
        protected: person.protected,
        name: person.name,
        facts,
    }
}

/// Gives out 宛名番号 and 世帯番号 in order.
#[derive(Default)]
struct Numbers {
    persons: u32,
    households: u32,
}

impl Numbers {
    fn assign(&mut self, mut household: Household) -> Household {
        self.households += 1;
        household.number = with_check_digit(900_000_000 + self.households);
        for person in &mut household.persons {
            self.persons += 1;
            person.number = with_check_digit(100_000_000 + self.persons);
        }
        household
    }
}

/// Adds the check digit of JK-1.1.13: modulus 11, weights 2 to 7 from the right; 10 and 11 become 0.
fn with_check_digit(serial: u32) -> String {
    let digits = serial.to_string();
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .zip((2..=7).cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = match 11 - sum % 11 {
        10 | 11 => 0,
        digit => digit,
    };
    format!("{digits}{check}")
}

#[cfg(test)]
mod tests {
    use super::with_check_digit;

    #[test]
    fn numbers_carry_a_modulus_11_check_digit() {
        // 100000001: 1×2 from the right, 1×(ninth weight = 4): 6; 11 - 6 = 5.
        assert_eq!(with_check_digit(100_000_001), "1000000015");
        let all: std::collections::HashSet<String> = (1..500).map(with_check_digit).collect();
        assert_eq!(all.len(), 499);
    }
}
