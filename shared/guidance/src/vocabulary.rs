//! The closed vocabulary of facts: what a rule may ask about and what a document may say.
//!
//! Every fact has a long name (the interchange form) and a short name (the one used by the reference
//! data); both are accepted, and both give the same plan.

use std::fmt;

use serde::Serialize;

/// Whom or what a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// The life event itself.
    Event,
    /// The household as a whole.
    Household,
    /// One person of the household.
    Person,
}

impl Scope {
    /// The name of the scope in conditions (`person.moves`).
    #[must_use]
    pub fn in_conditions(self) -> &'static str {
        match self {
            Scope::Event => "event",
            Scope::Household => "household",
            Scope::Person => "person",
        }
    }
}

/// A word of a closed list: (long name, short name).
pub(crate) type Word = (&'static str, &'static str);

/// What values a fact takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Yes or no.
    Flag,
    /// A whole number, zero or more (animals, persons, grams, years).
    Count,
    /// A civil date, no time of day.
    Date,
    /// One word of a closed list: (long name, short name).
    Choice(&'static [(&'static str, &'static str)]),
}

/// What an absent fact counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// False, zero, no date, or the first word: the first word of every list but two is "none".
    Nothing,
    /// True.
    True,
    /// This word.
    Word(&'static str),
    /// Whatever this fact of the same subject is.
    SameAs(&'static str),
    /// Computed from other facts; may be overridden, is never asked.
    Derived,
}

/// One fact's definition.
#[derive(Clone, Copy, Debug)]
pub struct FactDef {
    /// Whom it is about.
    pub scope: Scope,
    /// Its name in the interchange form and in conditions.
    pub name: &'static str,
    /// Its short name (equal to `name` where there is none).
    pub short: &'static str,
    /// What values it takes.
    pub kind: FactKind,
    pub(crate) absent: Absent,
}

/// A fact of the vocabulary.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactId(u16);

/// The value of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum FactValue {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Count(i64),
    /// A civil date.
    Date(jiff::civil::Date),
    /// A word of the fact's closed list, by its long name.
    Choice(&'static str),
}

impl fmt::Display for FactValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FactValue::Flag(flag) => flag.fmt(f),
            FactValue::Count(count) => count.fmt(f),
            FactValue::Date(date) => date.fmt(f),
            FactValue::Choice(word) => word.fmt(f),
        }
    }
}

impl FactId {
    /// Finds a fact by its scope and its long or short name.
    #[must_use]
    pub fn find(scope: Scope, name: &str) -> Option<Self> {
        FACTS
            .iter()
            .position(|def| def.scope == scope && (def.name == name || def.short == name))
            .and_then(|index| u16::try_from(index).ok())
            .map(FactId)
    }

    /// Finds a fact by its name in conditions, e.g. `person.moves`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (root, name) = name.split_once('.')?;
        let scopes = [Scope::Event, Scope::Household, Scope::Person];
        let scope = scopes
            .into_iter()
            .find(|scope| scope.in_conditions() == root)?;
        Self::find(scope, name).filter(|fact| fact.def().name == name)
    }

    /// Every fact, in the order of the interchange form.
    pub fn all() -> impl Iterator<Item = FactId> {
        (0..FACTS.len()).filter_map(|index| u16::try_from(index).ok().map(FactId))
    }

    /// The fact's definition.
    #[must_use]
    pub fn def(self) -> &'static FactDef {
        &FACTS[usize::from(self.0)]
    }

    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Whether the fact is computed from others and therefore never asked.
    #[must_use]
    pub fn is_derived(self) -> bool {
        self.def().absent == Absent::Derived
    }
}

impl fmt::Debug for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let def = self.def();
        write!(f, "{}.{}", def.scope.in_conditions(), def.name)
    }
}

/// Number of facts in the vocabulary: the length of a record.
pub(crate) fn fact_count() -> usize {
    FACTS.len()
}

/// The long name of `word` in a closed list, given either name.
pub(crate) fn canonical_word(words: &[Word], word: &str) -> Option<&'static str> {
    words
        .iter()
        .find(|(long, short)| *long == word || *short == word)
        .map(|(long, _)| *long)
}

const fn fact(scope: Scope, name: &'static str, short: &'static str, kind: FactKind) -> FactDef {
    FactDef {
        scope,
        name,
        short,
        kind,
        absent: Absent::Nothing,
    }
}

impl FactDef {
    const fn absent(mut self, absent: Absent) -> Self {
        self.absent = absent;
        self
    }
}

use FactKind::{Choice, Count, Date, Flag};
use Scope::{Event, Household, Person};

const ROLE: FactKind = Choice(&[
    ("other", "other"),
    ("self", "self"),
    ("spouse", "spouse"),
    ("child", "child"),
    ("newborn", "newborn"),
    ("deceased", "deceased"),
    ("parent", "parent"),
]);
const STATUS: FactKind = Choice(&[
    ("none", "none"),
    ("mid_long_term", "mid_long"),
    ("special_permanent", "special"),
]);
const INSURANCE: FactKind = Choice(&[
    ("national", "kokuho"),
    ("employees", "shaho"),
    ("employees_dependent", "shaho_dep"),
    ("late_elderly", "kouki"),
    ("public_assistance", "seiho"),
    ("not_yet", "none0"),
]);
const PENSION: FactKind = Choice(&[
    ("none", "none"),
    ("first", "c1"),
    ("second", "c2"),
    ("third", "c3"),
]);
const RECEIVED: FactKind = Choice(&[("none", "none"), ("basic", "basic"), ("employees", "kosei")]);
const CARE: FactKind = Choice(&[("none", "none"), ("support", "shien"), ("care", "kaigo")]);
const DISABILITY: FactKind = Choice(&[
    ("none", "none"),
    ("physical", "physical"),
    ("mental", "mental"),
    ("intellectual", "intellectual"),
]);
const ALLOWANCE: FactKind = Choice(&[
    ("none", "none"),
    ("recipient", "recv"),
    ("claimant", "claim"),
]);
const SCHOOL: FactKind = Choice(&[
    ("none", "none"),
    ("elementary", "elementary"),
    ("junior_high", "junior"),
]);
const DIVORCE: FactKind = Choice(&[
    ("none", "none"),
    ("agreement", "kyogi"),
    ("court", "saiban"),
]);
const REASON: FactKind = Choice(&[
    ("none", "none"),
    ("lost", "lost"),
    ("expired", "expired"),
    ("locked", "locked"),
    ("cert_expiring", "cert_expiring"),
]);
const WHAT: FactKind = Choice(&[
    ("none", "none"),
    ("new", "new"),
    ("died", "died"),
    ("juminhyo", "juminhyo"),
    ("koseki", "koseki"),
]);

/// The vocabulary. The order is the order of the interchange form and of `unknown`.
static FACTS: &[FactDef] = &[
    fact(Event, "date", "date", Date),
    fact(Event, "filed_on", "filed", Date),
    fact(Event, "planned_move_out_on", "planned_out", Date),
    fact(Event, "known_on", "known", Date),
    fact(Event, "divorce_type", "rtype", DIVORCE),
    fact(Event, "finalised_on", "final", Date),
    fact(Event, "keeps_married_name", "keep_name", Flag),
    fact(Event, "minor_children", "minors", Flag),
    fact(Event, "abroad", "abroad", Flag),
    fact(Event, "birth_weight_g", "weight", Count),
    fact(Event, "funeral_on", "funeral", Date),
    fact(Event, "reason", "reason", REASON),
    fact(Event, "what", "what", WHAT),
    fact(Event, "tokutei", "tokutei", Flag),
    fact(Event, "facility", "facility", Flag),
    fact(Event, "dogbase", "dogbase", Date),
    fact(Event, "lost", "lost", Date),
    fact(Event, "gained", "gained", Date),
    fact(Event, "visit", "visit", Date).absent(Absent::Derived),
    fact(Event, "card_lapsed", "card_lapsed", Flag).absent(Absent::Derived),
    fact(Household, "dogs", "dogs", Count),
    fact(Household, "dogs_microchip_registered", "dog_mc", Flag),
    fact(Household, "dog_owner_died", "dog_owner_died", Flag),
    fact(Household, "mopeds", "mopeds", Count),
    fact(Household, "owns_property", "property", Flag),
    fact(Household, "members_remaining", "remain", Count),
    fact(Household, "members_remaining_15_or_over", "remain15", Count),
    fact(Household, "head_changes", "head_chg", Flag),
    fact(Household, "single_parent", "single_parent", Flag),
    fact(Household, "children_in_allowance_age", "fychildren", Count).absent(Absent::Derived),
    fact(
        Household,
        "deceased_received_pension",
        "deceased_recv",
        Flag,
    ),
    fact(
        Household,
        "surviving_spouse_of_employees_insured",
        "kosei_spouse",
        Flag,
    ),
    fact(
        Household,
        "parent_returns_to_family_register",
        "parent_reverts",
        Flag,
    ),
    fact(Household, "mixed_proof", "mixed_proof", Flag),
    fact(Person, "birth_date", "birth", Date),
    fact(Person, "moves", "moves", Flag),
    fact(Person, "role", "role", ROLE),
    fact(Person, "head_of_household", "head", Flag),
    fact(Person, "japanese_national", "jp", Flag).absent(Absent::True),
    fact(Person, "residence_status", "status", STATUS),
    fact(Person, "health_insurance", "ins", INSURANCE).absent(Absent::Word("employees")),
    fact(Person, "health_insurance_after", "ins_after", INSURANCE)
        .absent(Absent::SameAs("health_insurance")),
    fact(Person, "pension_category", "pens", PENSION),
    fact(Person, "pension_category_after", "pens_after", PENSION)
        .absent(Absent::SameAs("pension_category")),
    fact(Person, "pension_received", "recv", RECEIVED),
    fact(Person, "my_number_card", "card", Flag),
    fact(Person, "signing_certificate", "sign_cert", Flag),
    fact(Person, "registered_seal", "seal", Flag),
    fact(Person, "long_term_care", "care", CARE),
    fact(Person, "disability", "dis", DISABILITY),
    fact(Person, "child_allowance", "ca", ALLOWANCE),
    fact(Person, "civil_servant", "civil", Flag),
    fact(Person, "school", "school", SCHOOL),
    fact(Person, "nursery", "nursery", Flag),
    fact(Person, "pregnant", "pregnant", Flag),
    fact(Person, "name_changes", "name_chg", Flag),
    fact(Person, "child_rearing_allowance", "jfa", Flag),
    fact(Person, "born_abroad", "bornabroad", Flag),
    fact(Person, "custodial", "custodial", Flag),
    fact(Person, "age", "age", Count).absent(Absent::Derived),
    fact(Person, "late_elderly_age", "kouki", Flag).absent(Absent::Derived),
    fact(Person, "in_allowance_age", "fychild", Flag).absent(Absent::Derived),
    fact(Person, "within_22_fiscal_year", "fy22", Flag).absent(Absent::Derived),
    fact(Person, "in_medical_subsidy_age", "cmed", Flag).absent(Absent::Derived),
];
