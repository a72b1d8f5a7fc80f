//! The catalogue's contents as other services get them. The shapes are this page's own: the catalogue's files may change
//! without them. Amounts that a town sets are what it has set.

use std::collections::BTreeMap;

use guidance::document::{
    Amount, BringRule, Counter, DueRule, Each, Edition, Item, LifeEvent, Office, Parameter,
    Procedure, Rule,
};
use guidance::{Catalogue, FirstDay, Level, ParameterValue, Unit, Words};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// Texts by language tag: `ja` always, `ja-simple` (with readings as `{漢字|かんじ}`), `en` and others.
type Texts = BTreeMap<String, String>;

/// Which edition of the catalogue.
#[derive(Serialize, ToSchema)]
pub(super) struct EditionPart<'a> {
    /// Its name, unique in the town.
    name: &'a str,
    /// The first day on which it is the one in force.
    #[schema(value_type = String, format = Date)]
    in_force_from: Date,
    /// SHA-256 of its canonical document, hexadecimal; a plan names it, too.
    digest: &'a str,
    /// Whether it is a sample that no municipality has confirmed.
    sample: bool,
    /// What is to be shown beside everything that is made from it.
    #[schema(value_type = Texts)]
    notice: &'a Words,
}

impl<'a> EditionPart<'a> {
    pub(super) fn of(catalogue: &'a Catalogue) -> Self {
        let Edition {
            name,
            in_force_from,
            sample,
            notice,
        } = catalogue.edition();
        Self {
            name,
            in_force_from: *in_force_from,
            digest: catalogue.digest(),
            sample: *sample,
            notice,
        }
    }
}

/// A life event (ライフイベント).
#[derive(Serialize, ToSchema)]
pub(super) struct LifeEventPart<'a> {
    /// As `event.kind` of the guidance.
    id: &'a str,
    /// What it is called.
    #[schema(value_type = Texts)]
    title: &'a Words,
    /// Examples.
    #[schema(value_type = Texts)]
    subtitle: &'a Words,
    /// Reading.
    kana: &'a str,
    /// Procedures that it may bring, by id, in a clerk's order.
    procedures: Vec<&'a str>,
}

impl<'a> LifeEventPart<'a> {
    pub(super) fn of(catalogue: &'a Catalogue, event: &'a LifeEvent) -> Self {
        let brings = |one: &&Procedure| one.rule.iter().any(|rule| rule.event == event.id);
        let procedures = catalogue.procedures().iter().filter(brings);
        Self {
            id: &event.id,
            title: &event.title,
            subtitle: &event.subtitle,
            kana: &event.kana,
            procedures: procedures.map(|one| one.id.as_str()).collect(),
        }
    }
}

/// A counter (窓口).
#[derive(Serialize, ToSchema)]
pub(super) struct CounterPart<'a> {
    /// Its id.
    id: &'a str,
    /// What it is called.
    #[schema(value_type = Texts)]
    title: &'a Words,
    /// The number over it; 0 where the matter belongs to another office.
    number: u32,
    /// Where it is.
    #[schema(value_type = Texts)]
    place: &'a Words,
    /// When it is open.
    hours: String,
}

impl<'a> CounterPart<'a> {
    fn of(catalogue: &'a Catalogue, counter: &'a Counter) -> Self {
        let hours = match set(catalogue, &counter.hours) {
            Some(ParameterValue::Word(word)) => word.clone(),
            _ => counter.hours.clone(),
        };
        Self {
            id: &counter.id,
            title: &counter.title,
            number: counter.number,
            place: &counter.place,
            hours,
        }
    }
}

/// A thing to bring (持ち物).
#[derive(Serialize, ToSchema)]
pub(super) struct ItemPart<'a> {
    /// Its id.
    id: &'a str,
    /// What it is called.
    #[schema(value_type = Texts)]
    title: &'a Words,
    /// What it is for; may be empty.
    #[schema(value_type = Texts)]
    why: &'a Words,
}

impl<'a> ItemPart<'a> {
    fn of(item: &'a Item) -> Self {
        Self {
            id: &item.id,
            title: &item.title,
            why: &item.why,
        }
    }
}

/// What differs from town to town.
#[derive(Serialize, ToSchema)]
pub(super) struct ParameterPart<'a> {
    /// Its id, `tenant.<id>` in conditions.
    id: &'a str,
    /// What the town has set: a flag, a number, a word or a list of words.
    #[schema(value_type = serde_json::Value)]
    value: &'a ParameterValue,
    /// The words that it may take; empty for flags and numbers.
    values: &'a [String],
    /// Where it comes from.
    source: &'a str,
}

impl<'a> ParameterPart<'a> {
    fn of(parameter: &'a Parameter) -> Self {
        Self {
            id: &parameter.id,
            value: &parameter.default,
            values: &parameter.values,
            source: &parameter.source,
        }
    }
}

/// A procedure (手続き).
#[derive(Serialize, ToSchema)]
pub(super) struct ProcedurePart<'a> {
    /// Its id.
    id: &'a str,
    /// Its place in a clerk's order; smaller first.
    order: u32,
    /// What it is called.
    #[schema(value_type = Texts)]
    title: &'a Words,
    /// What it is for; may be empty.
    #[schema(value_type = Texts)]
    purpose: &'a Words,
    /// Reading.
    kana: &'a str,
    /// Id of the counter.
    counter: &'a str,
    /// Id of the form that a kiosk can make.
    form: Option<&'a str>,
    /// What the paper is officially called.
    paper: Option<&'a str>,
    /// What the paper asks for.
    fields: &'a [String],
    /// Fee in yen.
    fee_yen: Option<i64>,
    /// What is paid to the resident in yen, where that is one sum.
    grant_yen: Option<i64>,
    /// The statute.
    statute: &'a str,
    /// Whether the statute's text was seen; if not, a clerk has to confirm it.
    source_seen: bool,
    /// What to bring.
    bring: Vec<BringPart<'a>>,
    /// When it is needed.
    rules: Vec<RulePart<'a>>,
}

impl<'a> ProcedurePart<'a> {
    pub(super) fn of(catalogue: &'a Catalogue, procedure: &'a Procedure) -> Self {
        let sum = |one: &Option<Amount>| amount(catalogue, one.as_ref());
        let rule = |rule| RulePart::of(catalogue, rule);
        Self {
            id: &procedure.id,
            order: procedure.order,
            title: &procedure.title,
            purpose: &procedure.purpose,
            kana: &procedure.kana,
            counter: &procedure.counter,
            form: procedure.form.as_deref(),
            paper: procedure.paper.as_deref(),
            fields: &procedure.fields,
            fee_yen: sum(&procedure.fee_yen),
            grant_yen: sum(&procedure.grant_yen),
            statute: &procedure.statute,
            source_seen: procedure.source_seen,
            bring: procedure.bring.iter().map(BringPart::of).collect(),
            rules: procedure.rule.iter().map(rule).collect(),
        }
    }
}

/// A thing to bring for a procedure.
#[derive(Serialize, ToSchema)]
pub(super) struct BringPart<'a> {
    /// Id of the item.
    item: &'a str,
    /// Mentioned only if this holds (CEL).
    only_if: Option<&'a str>,
    /// Not needed where this holds (CEL).
    unless: Option<&'a str>,
}

impl<'a> BringPart<'a> {
    fn of(rule: &'a BringRule) -> Self {
        Self {
            item: &rule.item,
            only_if: rule.only_if.as_deref(),
            unless: rule.unless.as_deref(),
        }
    }
}

/// When a procedure is needed.
#[derive(Serialize, ToSchema)]
pub(super) struct RulePart<'a> {
    /// The life event.
    event: &'a str,
    /// `household`: once; `person`: for those for whom it holds.
    #[schema(value_type = String)]
    each: Each,
    /// `must`, `should` or `may`.
    #[schema(value_type = String)]
    level: Level,
    /// Conditions, all of which must hold (CEL over the facts of the guidance).
    when: &'a [String],
    /// When it is due.
    due: DuePart<'a>,
    /// A fee in yen that differs from the procedure's.
    fee_yen: Option<i64>,
    /// The first day on which this is the law.
    #[schema(value_type = String, format = Date)]
    in_force_from: Date,
    /// The last day on which it is.
    #[schema(value_type = Option<String>, format = Date)]
    in_force_until: Option<Date>,
}

impl<'a> RulePart<'a> {
    fn of(catalogue: &'a Catalogue, rule: &'a Rule) -> Self {
        Self {
            event: &rule.event,
            each: rule.each,
            level: rule.level,
            when: &rule.when,
            due: DuePart::of(catalogue, &rule.due),
            fee_yen: amount(catalogue, rule.fee_yen.as_ref()),
            in_force_from: rule.in_force_from,
            in_force_until: rule.in_force_until,
        }
    }
}

/// When a procedure is due; which keys there are depends on `kind`.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct DuePart<'a> {
    /// `on` (by the last day of a period), `after_filing`, `before` (the event), `with` (another procedure), `asap` or `none`.
    kind: &'static str,
    /// `on`: length of the period, in `unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<i64>,
    /// `on`: `days`, `months` or `years`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    unit: Option<Unit>,
    /// `on`: the date from which it runs, `event.date` for instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    /// `on`: whether that day counts, `excluded` or `included`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    first_day: Option<FirstDay>,
    /// `on`: whose closed days move it, `municipal`, `ordinance`, `national` or `employer` (none).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    office: Option<Office>,
    /// `after_filing`, `asap`: within so many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<i64>,
    /// `with`: the other procedure's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    procedure: Option<&'a str>,
}

impl<'a> DuePart<'a> {
    fn of(catalogue: &'a Catalogue, rule: &'a DueRule) -> Self {
        let of = |kind| Self {
            kind,
            ..Self::default()
        };
        match rule {
            DueRule::On {
                count,
                unit,
                from,
                first_day,
                office,
            } => Self {
                count: amount(catalogue, Some(count)),
                unit: Some(*unit),
                from: Some(from),
                first_day: Some(*first_day),
                office: Some(*office),
                ..of("on")
            },
            DueRule::AfterFiling { days } => Self {
                days: Some(i64::from(*days)),
                ..of("after_filing")
            },
            DueRule::Before => of("before"),
            DueRule::With { procedure } => Self {
                procedure: Some(procedure),
                ..of("with")
            },
            DueRule::Asap { within_days } => Self {
                days: amount(catalogue, within_days.as_ref()),
                ..of("asap")
            },
            DueRule::None => of("none"),
        }
    }
}

/// What the town has set, if this names a parameter (`tenant.<id>`).
fn set<'a>(catalogue: &'a Catalogue, text: &str) -> Option<&'a ParameterValue> {
    let id = text.strip_prefix("tenant.")?;
    let parameters = &catalogue.document().parameter;
    let found = parameters.iter().find(|parameter| parameter.id == id);
    found.map(|parameter| &parameter.default)
}

/// An amount as the town has set it.
fn amount(catalogue: &Catalogue, amount: Option<&Amount>) -> Option<i64> {
    match amount? {
        Amount::Number(number) => Some(i64::from(*number)),
        Amount::Parameter(name) => match set(catalogue, name) {
            Some(ParameterValue::Count(count)) => Some(*count),
            _ => None,
        },
    }
}

/// Everything.
#[derive(Serialize, ToSchema)]
pub(super) struct CatalogueReply<'a> {
    edition: EditionPart<'a>,
    /// In the order of the kiosk's welcome screen.
    life_events: Vec<LifeEventPart<'a>>,
    /// In a clerk's order.
    procedures: Vec<ProcedurePart<'a>>,
    counters: Vec<CounterPart<'a>>,
    items: Vec<ItemPart<'a>>,
    parameters: Vec<ParameterPart<'a>>,
}

impl<'a> CatalogueReply<'a> {
    pub(super) fn of(catalogue: &'a Catalogue) -> Self {
        let document = catalogue.document();
        let procedures = catalogue.procedures().iter();
        Self {
            edition: EditionPart::of(catalogue),
            life_events: (document.event.iter())
                .map(|event| LifeEventPart::of(catalogue, event))
                .collect(),
            procedures: procedures
                .map(|one| ProcedurePart::of(catalogue, one))
                .collect(),
            counters: (document.counter.iter())
                .map(|counter| CounterPart::of(catalogue, counter))
                .collect(),
            items: document.item.iter().map(ItemPart::of).collect(),
            parameters: (document.parameter.iter()).map(ParameterPart::of).collect(),
        }
    }
}

/// A life event with its procedures.
#[derive(Serialize, ToSchema)]
pub(super) struct LifeEventReply<'a> {
    edition: EditionPart<'a>,
    life_event: LifeEventPart<'a>,
    /// Its procedures whole, in a clerk's order.
    procedures: Vec<ProcedurePart<'a>>,
}

impl<'a> LifeEventReply<'a> {
    /// `None` when the catalogue has none of this id.
    pub(super) fn of(catalogue: &'a Catalogue, id: &str) -> Option<Self> {
        let event = catalogue.life_events().iter().find(|one| one.id == id)?;
        let life_event = LifeEventPart::of(catalogue, event);
        let procedures = catalogue.procedures().iter();
        let procedures = procedures.filter(|one| life_event.procedures.contains(&one.id.as_str()));
        Some(Self {
            edition: EditionPart::of(catalogue),
            procedures: procedures
                .map(|one| ProcedurePart::of(catalogue, one))
                .collect(),
            life_event,
        })
    }
}

/// A procedure with its counter and what to bring.
#[derive(Serialize, ToSchema)]
pub(super) struct ProcedureReply<'a> {
    edition: EditionPart<'a>,
    procedure: ProcedurePart<'a>,
    /// Its counter.
    counter: Option<CounterPart<'a>>,
    /// The items that it may ask for.
    items: Vec<ItemPart<'a>>,
}

impl<'a> ProcedureReply<'a> {
    /// `None` when the catalogue has none of this id.
    pub(super) fn of(catalogue: &'a Catalogue, id: &str) -> Option<Self> {
        let procedure = catalogue.procedure(id)?;
        let asked = |item: &&Item| procedure.bring.iter().any(|rule| rule.item == item.id);
        let items = catalogue.document().item.iter().filter(asked);
        Some(Self {
            edition: EditionPart::of(catalogue),
            counter: catalogue
                .counter(&procedure.counter)
                .map(|counter| CounterPart::of(catalogue, counter)),
            items: items.map(ItemPart::of).collect(),
            procedure: ProcedurePart::of(catalogue, procedure),
        })
    }
}
