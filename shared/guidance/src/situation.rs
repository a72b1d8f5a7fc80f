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
    fn of(template: &Record, given: &Given, names: &Names) -> Self {
        let mut record = template.clone();
        for (fact, value) in given {
            record.0[fact.index()] = Some(*value);
        }
        for (after, present) in names.same_as {
            if after.def().scope == Scope::Person && !given.contains_key(&after) {
                record.0[after.index()] = record.0[present.index()];
            }
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

/// What every fact counts as where nothing is given.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    event: Record,
    household: Record,
    person: Record,
}

impl Defaults {
    pub(crate) fn new() -> Self {
        let of = |scope: Scope| {
            let mut record = Record(vec![None; fact_count()]);
            for fact in FactId::all().filter(|fact| fact.def().scope == scope) {
                record.0[fact.index()] = default_of(fact);
            }
            record
        };
        Self {
            event: of(Scope::Event),
            household: of(Scope::Household),
            person: of(Scope::Person),
        }
    }
}

fn default_of(fact: FactId) -> Option<FactValue> {
    let def = fact.def();
    match def.absent {
        Absent::Derived => None,
        Absent::True => Some(FactValue::Flag(true)),
        Absent::Word(word) => Some(FactValue::Choice(word)),
        Absent::SameAs(name) => FactId::find(def.scope, name).and_then(default_of),
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
    /// Facts that, absent, equal another one: (the later, the present).
    same_as: [(FactId, FactId); 2],
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
            same_as: [
                (
                    person("health_insurance_after")?,
                    person("health_insurance")?,
                ),
                (
                    person("pension_category_after")?,
                    person("pension_category")?,
                ),
            ],
        })
    }

    /// The facts that may be given or asked and on which `fact` depends; itself where it isn't derived.
    pub(crate) fn base_facts(&self, fact: FactId) -> Vec<FactId> {
        let def = fact.def();
        if fact == self.card_lapsed {
            vec![self.date, self.filed_on, self.planned]
        } else if fact == self.children {
            // The role only tells the deceased apart, about whom the rules of a death ask by themselves.
            vec![self.birth_date, self.date]
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

/// What a situation is computed with besides the facts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rulebook<'a> {
    pub(crate) names: &'a Names,
    pub(crate) defaults: &'a Defaults,
    pub(crate) calendar: &'a Calendar,
    /// The tenant's `child_medical_until`.
    pub(crate) medical_until: &'a str,
}

/// Every fact's value on the day of the visit.
#[derive(Clone, Debug)]
pub(crate) struct Situation {
    kind: String,
    event: Record,
    household: Record,
    pub(crate) persons: Vec<Record>,
    parameters: Vec<ParameterValue>,
    /// The day of the visit.
    pub(crate) visit: Date,
}

impl Situation {
    /// `parameters` are in the catalogue's order.
    pub(crate) fn new(facts: &Facts, book: Rulebook<'_>, parameters: Vec<ParameterValue>) -> Self {
        let names = book.names;
        let mut event = Record::of(&book.defaults.event, &facts.event, names);
        event.derive(names.visit, &facts.event, || {
            Some(FactValue::Date(facts.as_of))
        });
        let visit = date_of(event.get(names.visit)).unwrap_or(facts.as_of);
        let lapsed = card_lapsed(&event, names, book.calendar, visit);
        event.derive(names.card_lapsed, &facts.event, || {
            Some(FactValue::Flag(lapsed))
        });
        let persons = facts
            .persons
            .iter()
            .map(|person| Record::of(&book.defaults.person, &person.given, names));
        let persons = persons.collect();
        let household = Record::of(&book.defaults.household, &facts.household, names);
        let mut situation = Self {
            kind: facts.kind.clone(),
            event,
            household,
            persons,
            parameters,
            visit,
        };
        for person in 0..facts.persons.len() {
            situation.derive_ages(facts, book, person);
        }
        situation.count_children(facts, names);
        situation
    }

    /// Takes over one fact that was just supposed in `facts`; returns false where the event's dates
    /// changed and everything is to be computed again.
    pub(crate) fn update(
        &mut self,
        facts: &Facts,
        book: Rulebook<'_>,
        person: Option<usize>,
        fact: FactId,
        value: FactValue,
    ) -> bool {
        let names = book.names;
        if [names.date, names.filed_on, names.planned].contains(&fact) {
            return false;
        }
        let record = match (fact.def().scope, person) {
            (Scope::Person, Some(index)) => &mut self.persons[index],
            (Scope::Household, _) => &mut self.household,
            _ => &mut self.event,
        };
        record.0[fact.index()] = Some(value);
        let Some(index) = person else { return true };
        for (after, present) in names.same_as {
            if present == fact {
                self.persons[index].derive(after, &facts.persons[index].given, || Some(value));
            }
        }
        if fact == names.birth_date {
            self.derive_ages(facts, book, index);
        }
        if fact == names.birth_date || fact == names.role {
            self.count_children(facts, names);
        }
        true
    }

    fn derive_ages(&mut self, facts: &Facts, book: Rulebook<'_>, person: usize) {
        let names = book.names;
        let day = self.event_day(names);
        let (record, given) = (&mut self.persons[person], &facts.persons[person].given);
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
            birth.map(|birth| FactValue::Flag(in_medical_age(birth, book.medical_until, day)))
        });
    }

    fn count_children(&mut self, facts: &Facts, names: &Names) {
        let alive =
            |person: &&Record| person.get(names.role) != Some(FactValue::Choice("deceased"));
        let child =
            |person: &&Record| person.get(names.allowance_age) == Some(FactValue::Flag(true));
        let count = self.persons.iter().filter(alive).filter(child).count();
        self.household.derive(names.children, &facts.household, || {
            i64::try_from(count).ok().map(FactValue::Count)
        });
    }

    /// The fact's value, for `person` where it is about a person.
    pub(crate) fn value(&self, fact: FactId, person: Option<&Record>) -> Option<FactValue> {
        match fact.def().scope {
            Scope::Event => self.event.get(fact),
            Scope::Household => self.household.get(fact),
            Scope::Person => person.and_then(|record| record.get(fact)),
        }
    }

    /// Id of the life event.
    pub(crate) fn event_kind(&self) -> &str {
        &self.kind
    }

    pub(crate) fn parameter(&self, index: usize) -> &ParameterValue {
        &self.parameters[index]
    }

    /// The event's day; the day of the visit where it isn't known.
    pub(crate) fn event_day(&self, names: &Names) -> Date {
        date_of(self.event.get(names.date)).unwrap_or(self.visit)
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
