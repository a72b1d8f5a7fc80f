//! What rules see: every fact with its value, given, by default or derived.

use jiff::civil::Date;

use crate::age::{age_on, is_late_elderly, within_fiscal_year_of};
use crate::facts::Given;
use crate::vocabulary::{Absent, FactId, FactKind, FactValue, Scope, fact_count};
use crate::{Calendar, Facts, FirstDay, ParameterValue, Unit, last_day};

/// Values by fact; `None` for a date that isn't known and what is derived from it.
#[derive(Clone, Debug)]
pub(crate) struct Record(Vec<Option<FactValue>>);

impl Record {
    fn of(scope: Scope, given: &Given) -> Self {
        let mut record = Self(vec![None; fact_count()]);
        for fact in FactId::all().filter(|fact| fact.def().scope == scope) {
            record.0[fact.index()] = given
                .get(&fact)
                .copied()
                .or_else(|| default_of(fact, given));
        }
        record
    }

    pub(crate) fn get(&self, fact: FactId) -> Option<FactValue> {
        self.0[fact.index()]
    }

    fn derive(&mut self, fact: FactId, given: &Given, value: impl FnOnce() -> Option<FactValue>) {
        if !given.contains_key(&fact) {
            self.0[fact.index()] = value();
        }
    }
}

fn default_of(fact: FactId, given: &Given) -> Option<FactValue> {
    let def = fact.def();
    match def.absent {
        Absent::Derived => None,
        Absent::True => Some(FactValue::Flag(true)),
        Absent::Word(word) => Some(FactValue::Choice(word)),
        Absent::SameAs(name) => {
            let same = FactId::find(def.scope, name)?;
            given
                .get(&same)
                .copied()
                .or_else(|| default_of(same, given))
        }
        Absent::Nothing => match def.kind {
            FactKind::Flag => Some(FactValue::Flag(false)),
            FactKind::Count => Some(FactValue::Count(0)),
            FactKind::Date => None,
            FactKind::Choice(words) => words.first().map(|(long, _)| FactValue::Choice(long)),
        },
    }
}

/// Facts that derivation reads and writes, looked up once at load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    pub(crate) date: FactId,
    pub(crate) filed_on: FactId,
    planned: FactId,
    visit: FactId,
    card_lapsed: FactId,
    children: FactId,
    pub(crate) birth_date: FactId,
    role: FactId,
    age: FactId,
    late_elderly: FactId,
    allowance_age: FactId,
    within_22: FactId,
    medical_age: FactId,
}

impl Names {
    pub(crate) fn look_up() -> Option<Self> {
        let event = |name| FactId::find(Scope::Event, name);
        let person = |name| FactId::find(Scope::Person, name);
        Some(Self {
            date: event("date")?,
            filed_on: event("filed_on")?,
            planned: event("planned_move_out_on")?,
            visit: event("visit")?,
            card_lapsed: event("card_lapsed")?,
            children: FactId::find(Scope::Household, "children_in_allowance_age")?,
            birth_date: person("birth_date")?,
            role: person("role")?,
            age: person("age")?,
            late_elderly: person("late_elderly_age")?,
            allowance_age: person("in_allowance_age")?,
            within_22: person("within_22_fiscal_year")?,
            medical_age: person("in_medical_subsidy_age")?,
        })
    }

    /// The facts that may be given or asked and on which `fact` depends; itself where it isn't derived.
    pub(crate) fn base_facts(&self, fact: FactId) -> Vec<FactId> {
        let def = fact.def();
        if fact == self.card_lapsed {
            vec![self.date, self.filed_on, self.planned]
        } else if fact == self.children {
            vec![self.birth_date, self.role, self.date]
        } else if fact.is_derived() && def.scope == Scope::Person {
            vec![self.birth_date, self.date]
        } else if let Absent::SameAs(name) = def.absent {
            std::iter::once(fact)
                .chain(FactId::find(def.scope, name))
                .collect()
        } else {
            vec![fact]
        }
    }

    /// Whether one person's value of this fact can change a line about somebody else.
    pub(crate) fn crosses_persons(&self, fact: FactId) -> bool {
        fact == self.birth_date || fact == self.role
    }
}

/// Every fact's value on the day of the visit.
#[derive(Clone, Debug)]
pub(crate) struct Situation {
    /// Event and household share one record: their facts have different ids.
    shared: Record,
    household: Record,
    pub(crate) persons: Vec<Record>,
    parameters: Vec<ParameterValue>,
    /// The day of the visit.
    pub(crate) visit: Date,
}

impl Situation {
    /// `parameters` are in the catalogue's order; `medical_until` is one of them.
    pub(crate) fn new(
        facts: &Facts,
        names: &Names,
        calendar: &Calendar,
        parameters: Vec<ParameterValue>,
        medical_until: &str,
    ) -> Self {
        let mut event = Record::of(Scope::Event, &facts.event);
        let as_of = FactValue::Date(facts.as_of);
        event.derive(names.visit, &facts.event, || Some(as_of));
        let day = date_of(event.get(names.date)).unwrap_or(facts.as_of);
        let visit = date_of(event.get(names.visit)).unwrap_or(facts.as_of);
        let lapsed = card_lapsed(&event, names, calendar, visit);
        event.derive(names.card_lapsed, &facts.event, || {
            Some(FactValue::Flag(lapsed))
        });
        let persons: Vec<Record> = facts
            .persons
            .iter()
            .map(|person| {
                let mut record = Record::of(Scope::Person, &person.given);
                derive_ages(&mut record, &person.given, names, day, medical_until);
                record
            })
            .collect();
        let mut household = Record::of(Scope::Household, &facts.household);
        household.derive(names.children, &facts.household, || {
            let alive =
                |person: &&Record| person.get(names.role) != Some(FactValue::Choice("deceased"));
            let child =
                |person: &&Record| person.get(names.allowance_age) == Some(FactValue::Flag(true));
            let count = persons.iter().filter(alive).filter(child).count();
            i64::try_from(count).ok().map(FactValue::Count)
        });
        Self {
            shared: event,
            household,
            persons,
            parameters,
            visit,
        }
    }

    /// The fact's value, for `person` where it is about a person.
    pub(crate) fn value(&self, fact: FactId, person: Option<&Record>) -> Option<FactValue> {
        match fact.def().scope {
            Scope::Event => self.shared.get(fact),
            Scope::Household => self.household.get(fact),
            Scope::Person => person.and_then(|record| record.get(fact)),
        }
    }

    pub(crate) fn parameter(&self, index: usize) -> &ParameterValue {
        &self.parameters[index]
    }

    /// The event's day; the day of the visit where it isn't known.
    pub(crate) fn event_day(&self, names: &Names) -> Date {
        date_of(self.shared.get(names.date)).unwrap_or(self.visit)
    }
}

pub(crate) fn date_of(value: Option<FactValue>) -> Option<Date> {
    match value {
        Some(FactValue::Date(date)) => Some(date),
        _ => None,
    }
}

/// Whether the old town's card has lapsed (番号利用法施行令14条): 転入届 more than 14 days after moving in or
/// more than 30 days after the planned move-out day, or continued use more than 90 days after filing.
fn card_lapsed(event: &Record, names: &Names, calendar: &Calendar, visit: Date) -> bool {
    let after = |from: FactId, days: i64, day: Date| {
        date_of(event.get(from)).is_some_and(|from| {
            day > calendar.roll(last_day(from, days, Unit::Days, FirstDay::Excluded))
        })
    };
    let filed = date_of(event.get(names.filed_on)).unwrap_or(visit);
    after(names.date, 14, filed)
        || after(names.planned, 30, filed)
        || after(names.filed_on, 90, visit)
}

fn derive_ages(record: &mut Record, given: &Given, names: &Names, day: Date, medical_until: &str) {
    let birth = date_of(record.get(names.birth_date));
    let flag =
        |of: fn(Date, Date) -> bool| move || birth.map(|birth| FactValue::Flag(of(birth, day)));
    record.derive(names.age, given, || {
        birth.map(|birth| FactValue::Count(age_on(birth, day)))
    });
    record.derive(names.late_elderly, given, flag(is_late_elderly));
    record.derive(
        names.allowance_age,
        given,
        flag(|birth, day| within_fiscal_year_of(birth, 18, day)),
    );
    record.derive(
        names.within_22,
        given,
        flag(|birth, day| within_fiscal_year_of(birth, 22, day)),
    );
    record.derive(names.medical_age, given, || {
        birth.map(|birth| FactValue::Flag(in_medical_age(birth, medical_until, day)))
    });
}

/// Whether the town's 子ども医療費助成 covers the age: `fy18` means until the first 31 March on or after
/// attaining 18, `age6` until attaining six.
fn in_medical_age(birth: Date, until: &str, day: Date) -> bool {
    if let Some(years) = until
        .strip_prefix("fy")
        .and_then(|years| years.parse().ok())
    {
        return within_fiscal_year_of(birth, years, day);
    }
    let years = until
        .strip_prefix("age")
        .and_then(|years| years.parse().ok())
        .unwrap_or(18);
    (0..years).contains(&age_on(birth, day))
}
