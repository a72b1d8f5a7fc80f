//! Who has these four items: the comparison of `cloud-api/docs/core-system.md`, and nothing beyond it.

use std::collections::HashMap;

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization as _;

use crate::resident::Sex;
use crate::town::Town;

/// Normalised four items.
#[derive(PartialEq, Eq, Hash)]
struct Identity {
    name: String,
    address: String,
    birth_date: Date,
    sex: char,
}

/// Every living resident by the four items, and by name alone.
pub(super) struct Matching {
    items: HashMap<Identity, Vec<(usize, usize)>>,
    names: HashMap<String, Vec<(usize, usize)>>,
}

impl Matching {
    pub(super) fn new(town: &Town) -> Self {
        let mut items: HashMap<Identity, Vec<(usize, usize)>> = HashMap::new();
        let mut names: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (at, household) in town.households.iter().enumerate() {
            for (place, person) in household.persons.iter().enumerate() {
                if person.deceased_on.is_none() {
                    let sex = if person.sex == Sex::Male { '1' } else { '2' };
                    let identity =
                        identity(&person.name, &household.address, person.birth_date, sex);
                    items.entry(identity).or_default().push((at, place));
                    let name = normalise(&person.name);
                    names.entry(name).or_default().push((at, place));
                }
            }
        }
        Self { items, names }
    }

    /// Places (household, person) of all of this name.
    pub(super) fn named(&self, name: &str) -> &[(usize, usize)] {
        self.names.get(&normalise(name)).map_or(&[], Vec::as_slice)
    }

    /// Places (household, person) of all who match.
    pub(super) fn find(
        &self,
        name: &str,
        address: &str,
        birth_date: Date,
        sex: char,
    ) -> &[(usize, usize)] {
        self.items
            .get(&identity(name, address, birth_date, sex))
            .map_or(&[], Vec::as_slice)
    }
}

fn identity(name: &str, address: &str, birth_date: Date, sex: char) -> Identity {
    Identity {
        name: normalise(name),
        address: normalise(address),
        birth_date,
        // 3, 9 and 0 all say 適用不能.
        sex: if matches!(sex, '1' | '2') { sex } else { '9' },
    }
}

/// Steps 1 to 5 of the interface's page, in its order.
fn normalise(text: &str) -> String {
    let folded: Vec<char> = text
        .nfkc()
        .filter(|c| !matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}'))
        .filter(|c| !c.is_whitespace())
        .collect();
    let digit = |at: Option<usize>| {
        at.and_then(|at| folded.get(at))
            .is_some_and(char::is_ascii_digit)
    };
    folded
        .iter()
        .enumerate()
        .map(|(at, &c)| match c {
            '\u{2010}'..='\u{2014}' | '\u{2015}' | '\u{2212}' | '-' => '-',
            'ー' if digit(at.checked_sub(1)) || digit(Some(at + 1)) => '-',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Matching, normalise};
    use crate::town::Town;

    #[test]
    fn spelling_that_means_nothing_is_folded() {
        for (one, other) in [
            ("辻󠄀　葛󠄀葉", "辻葛葉"),
            ("NGUYEN　VAN AN", "ｎｇｕｙｅｎ　van　an"),
            ("三和土１２－３", "三和土12‐3"),
            ("三和土１２−３", "三和土12ー3"),
            ("表札ハイツＡ棟　１０５", "表札ハイツA棟105"),
        ] {
            assert_eq!(normalise(one), normalise(other), "{one} {other}");
        }
    }

    #[test]
    fn other_characters_stay_other() {
        for (one, other) in [
            ("髙雄", "高雄"),
            ("𠮷﨑", "吉﨑"),
            ("𠮷﨑", "𠮷崎"),
            ("渡邊", "渡邉"),
            ("一丁目", "1丁目"),
            ("コーポ", "コ-ポ"),
        ] {
            assert_ne!(normalise(one), normalise(other), "{one} {other}");
        }
    }

    #[test]
    fn everybody_is_found_alone_but_the_pair_and_the_dead() {
        let town = Town::build().unwrap();
        let matching = Matching::new(&town);
        for household in &town.households {
            let pair = household
                .key
                .as_deref()
                .is_some_and(|key| key.starts_with("twin-"));
            for person in &household.persons {
                let sex = char::from(b'0' + person.sex.digit());
                let found = matching.find(&person.name, &household.address, person.birth_date, sex);
                let expected = match (person.deceased_on, pair) {
                    (Some(_), _) => 0,
                    (None, true) => 2,
                    (None, false) => 1,
                };
                assert_eq!(found.len(), expected, "{}", household.shows);
            }
        }
    }
}
