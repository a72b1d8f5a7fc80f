//! Draws households: who lives together, and what the town knows of them at their ages.

use jiff::civil::Date;

use crate::asset::{ForeignName, NameSheet, Numbering, Reading, TownSheet};
use crate::dice::Dice;
use crate::life_stage::{Work, full_years, insurance, pension, school, school_year, settled_since};
use crate::resident::{
    ChildAllowance, Disability, Household, HouseholdFacts, HouseholdStatus, LongTermCare,
    PensionReceived, PersonFacts, ResidenceStatus, Resident, Sex,
};

/// Draws one household after the other.
pub(crate) struct Population<'a> {
    town: &'a TownSheet,
    names: &'a NameSheet,
    dice: Dice,
}

/// A person before names and facts.
struct Sketch {
    relationship: &'static str,
    sex: Sex,
    age: i32,
}

fn sketch(relationship: &'static str, sex: Sex, age: i32) -> Sketch {
    Sketch {
        relationship,
        sex,
        age,
    }
}

/// Kinds of households and how often each occurs among a hundred.
const KINDS: [(&str, i32); 11] = [
    ("single, of working age", 17),
    ("single, elderly", 12),
    ("couple", 12),
    ("couple with children, employed", 17),
    ("couple with children, self-employed", 11),
    ("single parent", 7),
    ("elderly couple", 11),
    ("three generations", 5),
    ("foreign, single", 4),
    ("brother and sister", 2),
    ("on public assistance", 2),
];

impl<'a> Population<'a> {
    pub(crate) fn new(town: &'a TownSheet, names: &'a NameSheet, dice: Dice) -> Self {
        Self { town, names, dice }
    }

    pub(crate) fn household(&mut self) -> Household {
        let weights: Vec<i32> = KINDS.iter().map(|(_, weight)| *weight).collect();
        let (kind, _) = KINDS[self.dice.weighted(&weights)];
        let (people, work) = self.sketches(kind);
        let foreign =
            (kind == "foreign, single").then(|| self.dice.pick(&self.names.foreign).clone());
        let (address, address_kana, postal_code) = self.address();
        let ground = address.split('　').next().unwrap_or_default().to_owned();
        let family = self.dice.pick(&self.names.family).clone();
        let retired = people
            .iter()
            .any(|person| person.relationship == "世帯主" && person.age >= 65);
        let mut persons: Vec<Resident> = people
            .iter()
            .map(|person| {
                // Who depended on an employee is in 国民健康保険 once that employee has retired.
                let elder = matches!(person.relationship, "世帯主" | "妻" | "夫");
                let work = if retired && elder && work == Work::Employed {
                    Work::Own
                } else {
                    work
                };
                self.person(person, &family, work, &ground)
            })
            .collect();
        if let (Some(name), [person]) = (foreign, persons.as_mut_slice()) {
            self.make_foreign(person, &name);
        }
        let parent_alone = kind == "single parent";
        self.child_benefits(&mut persons, parent_alone);
        let facts = self.belongings(parent_alone);
        Household {
            number: String::new(),
            key: None,
            shows: kind.to_owned(),
            status: HouseholdStatus::Resident,
            address,
            address_kana,
            postal_code,
            facts,
            persons,
        }
    }

    fn sketches(&mut self, kind: &str) -> (Vec<Sketch>, Work) {
        let usual = if self.dice.chance(60) {
            Work::Employed
        } else {
            Work::Own
        };
        let head = self.sex();
        match kind {
            "single, elderly" => (
                vec![sketch("世帯主", head, self.dice.between(66, 97))],
                usual,
            ),
            "couple" => (self.couple(25, 64), usual),
            "couple with children, employed" => (self.with_children(1, 4), Work::Employed),
            "couple with children, self-employed" => (self.with_children(1, 4), Work::Own),
            "single parent" => (self.parent_alone(), usual),
            "elderly couple" => (self.couple(66, 90), usual),
            "three generations" => (self.three_generations(), usual),
            "foreign, single" => (
                vec![sketch("世帯主", Sex::Male, self.dice.between(19, 45))],
                usual,
            ),
            "brother and sister" => (self.siblings(), usual),
            "on public assistance" => (
                vec![sketch("世帯主", head, self.dice.between(40, 84))],
                Work::Assisted,
            ),
            _ => (
                vec![sketch("世帯主", head, self.dice.between(18, 64))],
                usual,
            ),
        }
    }

    fn sex(&mut self) -> Sex {
        if self.dice.chance(50) {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    fn couple(&mut self, youngest: i32, oldest: i32) -> Vec<Sketch> {
        let age = self.dice.between(youngest, oldest);
        let other = (age + self.dice.between(-4, 3)).max(18);
        if self.dice.chance(88) {
            vec![
                sketch("世帯主", Sex::Male, age),
                sketch("妻", Sex::Female, other),
            ]
        } else {
            vec![
                sketch("世帯主", Sex::Female, age),
                sketch("夫", Sex::Male, other),
            ]
        }
    }

    fn with_children(&mut self, fewest: i32, most: i32) -> Vec<Sketch> {
        let mut people = self.couple(26, 50);
        let parents = people.iter().map(|person| person.age).min().unwrap_or(30);
        self.add_children(&mut people, "子", fewest, most, parents);
        people
    }

    fn add_children(
        &mut self,
        people: &mut Vec<Sketch>,
        relationship: &'static str,
        fewest: i32,
        most: i32,
        parent_age: i32,
    ) {
        let eldest = (parent_age - 20).min(21);
        let mut ages: Vec<i32> = (0..self.dice.between(fewest, most))
            .map(|_| self.dice.between(0, eldest))
            .collect();
        ages.sort_unstable_by(|a, b| b.cmp(a));
        for age in ages {
            let sex = self.sex();
            people.push(sketch(relationship, sex, age));
        }
    }

    fn parent_alone(&mut self) -> Vec<Sketch> {
        let sex = if self.dice.chance(85) {
            Sex::Female
        } else {
            Sex::Male
        };
        let age = self.dice.between(24, 49);
        let mut people = vec![sketch("世帯主", sex, age)];
        // Alone with at least one child still in 児童扶養手当's age.
        self.add_children(&mut people, "子", 1, 3, age.min(37));
        people
    }

    fn three_generations(&mut self) -> Vec<Sketch> {
        let mut people = self.couple(58, 78);
        let age = self.dice.between(28, 36);
        people.push(sketch("子", Sex::Male, age));
        people.push(sketch("子の妻", Sex::Female, age - 1));
        self.add_children(&mut people, "子の子", 1, 3, age);
        people
    }

    fn siblings(&mut self) -> Vec<Sketch> {
        let age = self.dice.between(22, 60);
        vec![
            sketch("世帯主", Sex::Female, age),
            sketch("弟", Sex::Male, age - 2),
        ]
    }

    /// A birthday that makes the person `age` on the register's day.
    fn birthday(&mut self, age: i32) -> Date {
        let last = self.town.as_of;
        let days = age * 1461 / 4 + self.dice.between(1, 364);
        last.checked_sub(jiff::Span::new().days(days))
            .unwrap_or(last)
    }

    fn person(
        &mut self,
        sketched: &Sketch,
        family: &Reading,
        work: Work,
        ground: &str,
    ) -> Resident {
        let birth_date = self.birthday(sketched.age);
        let given = match sketched.sex {
            Sex::Male => &self.names.male,
            Sex::Female => &self.names.female,
        };
        let given = match birth_date.year() {
            ..1960 => &given.old,
            1960..1990 => &given.middle,
            _ => &given.young,
        };
        let given = self.dice.pick(given).clone();
        let mut facts = self.facts(sketched, birth_date, work);
        facts.settle_resident();
        let name = format!("{}　{}", family.0, given.0);
        Resident {
            number: String::new(),
            kana: format!("{}　{}", family.1, given.1),
            birth_date,
            sex: sketched.sex,
            relationship: sketched.relationship.to_owned(),
            domicile: Some(ground.to_owned()),
            register_head: Some(name.clone()),
            nationality: None,
            residence: None,
            stay_until: None,
            resident_since: Some(settled_since(birth_date, self.town.as_of)),
            deceased_on: None,
            protected: false,
            name,
            facts,
        }
    }

    fn facts(&mut self, person: &Sketch, birth: Date, work: Work) -> PersonFacts {
        let earner = match person.relationship {
            "世帯主" | "弟" => person.age >= 18,
            "子" => person.age >= 22,
            _ => false,
        };
        let spouse = matches!(person.relationship, "妻" | "夫" | "子の妻");
        let age = full_years(birth, self.town.as_of);
        let card = self.dice.chance(78);
        let adult = age >= 15;
        PersonFacts {
            health_insurance: Some(insurance(work, earner, age)),
            pension_category: Some(pension(work, earner, spouse, age)),
            pension_received: Some(self.received(age, work)),
            my_number_card: Some(card),
            signing_certificate: Some(card && adult && self.dice.chance(85)),
            registered_seal: Some(adult && self.dice.chance(45)),
            long_term_care: Some(self.care(age)),
            disability: Some(self.disability()),
            civil_servant: Some(
                work == Work::Employed && earner && age < 61 && self.dice.chance(6),
            ),
            school: Some(school(birth, self.town.as_of)),
            nursery: Some(age < 6 && self.dice.chance(55)),
            pregnant: Some(
                person.sex == Sex::Female && (20..=42).contains(&age) && self.dice.chance(6),
            ),
            ..PersonFacts::default()
        }
    }

    fn received(&mut self, age: i16, work: Work) -> PensionReceived {
        match (age, work) {
            (65.., Work::Assisted) => PensionReceived::Basic,
            (65.., _) if self.dice.chance(55) => PensionReceived::Employees,
            (65.., _) => PensionReceived::Basic,
            _ => PensionReceived::None,
        }
    }

    fn care(&mut self, age: i16) -> LongTermCare {
        let (support, care) = match age {
            ..65 => return LongTermCare::None,
            65..75 => (3, 3),
            75..85 => (11, 13),
            _ => (20, 45),
        };
        match self.dice.between(1, 100) {
            throw if throw <= care => LongTermCare::Care,
            throw if throw <= care + support => LongTermCare::Support,
            _ => LongTermCare::None,
        }
    }

    fn disability(&mut self) -> Disability {
        match self.dice.between(1, 200) {
            1..=6 => Disability::Physical,
            7..=8 => Disability::Mental,
            9..=10 => Disability::Intellectual,
            _ => Disability::None,
        }
    }

    fn make_foreign(&mut self, person: &mut Resident, name: &ForeignName) {
        let special = name.nationality == "韓国";
        person.name.clone_from(&name.name);
        person.kana.clone_from(&name.kana);
        person.sex = name.sex;
        person.domicile = None;
        person.register_head = None;
        person.nationality = Some(name.nationality.clone());
        person.residence = Some(match special {
            true => "特別永住者".to_owned(),
            false => self.dice.pick(&self.names.residences).clone(),
        });
        // The register keeps a period of stay in western years (JK-1.1.9).
        person.stay_until = (!special)
            .then(|| Date::new(self.town.as_of.year() + 1, 1, 1).ok())
            .flatten()
            .and_then(|day| {
                day.checked_add(jiff::Span::new().days(self.dice.between(0, 900)))
                    .ok()
            });
        person.resident_since = Date::new(self.town.as_of.year() - 2, 10, 1).ok();
        person.facts.japanese_national = Some(false);
        person.facts.born_abroad = Some(!special);
        person.facts.pregnant = Some(false);
        person.facts.residence_status = Some(if special {
            ResidenceStatus::SpecialPermanent
        } else {
            ResidenceStatus::MidLongTerm
        });
    }

    fn child_benefits(&mut self, persons: &mut [Resident], parent_alone: bool) {
        let as_of = self.town.as_of;
        let dependent = |person: &&mut Resident| school_year(person.birth_date, as_of) <= 18;
        let children = persons.iter_mut().filter(dependent).count();
        let earner = if persons.iter().any(|person| person.relationship == "子の子") {
            "子"
        } else {
            "世帯主"
        };
        if children == 0 {
            return;
        }
        if let Some(parent) = persons
            .iter_mut()
            .find(|person| person.relationship == earner)
        {
            let paid_by_employer = parent.facts.civil_servant == Some(true);
            parent.facts.child_allowance = Some(if paid_by_employer {
                ChildAllowance::None
            } else {
                ChildAllowance::Recipient
            });
            parent.facts.child_rearing_allowance = Some(parent_alone && self.dice.chance(75));
        }
    }

    fn belongings(&mut self, parent_alone: bool) -> HouseholdFacts {
        let dogs = u32::from(self.dice.chance(14)) + u32::from(self.dice.chance(3));
        let mut facts = HouseholdFacts {
            dogs: Some(dogs),
            dogs_microchip_registered: (dogs > 0).then(|| self.dice.chance(50)),
            mopeds: Some(u32::from(self.dice.chance(11))),
            owns_property: Some(self.dice.chance(48)),
            single_parent: Some(parent_alone),
            ..HouseholdFacts::default()
        };
        facts.settle_resident();
        facts
    }

    /// Address, its reading, postal code.
    fn address(&mut self) -> (String, String, String) {
        let street = self.dice.pick(&self.town.streets).clone();
        let (written, read) = match street.numbering {
            Numbering::Blocks => {
                let chome = self.dice.between(1, i32::from(street.chome));
                let (block, house) = (self.dice.between(1, 28), self.dice.between(1, 30));
                let kanji = ["一", "二", "三", "四", "五"][usize::try_from(chome - 1).unwrap_or(0)];
                (
                    format!("{kanji}丁目{}番{}号", wide(block), wide(house)),
                    format!("{}－{}－{}", wide(chome), wide(block), wide(house)),
                )
            }
            Numbering::Lots => {
                let lot = self.dice.between(1, 2400);
                match self.dice.between(0, 9) {
                    0..5 => (format!("{}番地", wide(lot)), wide(lot)),
                    branch => (
                        format!("{}番地{}", wide(lot), wide(branch)),
                        format!("{}－{}", wide(lot), wide(branch)),
                    ),
                }
            }
        };
        let town = self.town;
        let mut address = format!(
            "{}{}{}{}{written}",
            town.prefecture, town.county, town.name, street.name
        );
        let mut kana = format!(
            "{}{}{}{}{read}",
            town.prefecture_kana, town.county_kana, town.name_kana, street.kana
        );
        if self.dice.chance(35) {
            let building = self.dice.pick(&town.buildings);
            let room = self.dice.pick(&building.rooms);
            address.push_str(&format!("　{}{room}", building.name));
            kana.push_str(&format!("　{}{room}", building.kana));
        }
        (address, kana, street.postal_code)
    }
}

fn wide(number: i32) -> String {
    number
        .to_string()
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .filter_map(|digit| char::from_u32('０' as u32 + digit))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn house_numbers_are_full_width() {
        assert_eq!(super::wide(1203), "１２０３");
    }
}
