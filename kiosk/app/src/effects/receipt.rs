//! What stands on a receipt: the application and its plan, in the order of the plan, with names, due days and counters.

use application::{Application, FormSet, FormUse};
use devices::receipt_printer::{Job, JobError, Part, Qr, QrCorrection, Raster};
use guidance::{Bring, Catalogue, Due, Line, Words};
use jiff::civil::DateTime;
use paper::code::Code;
use paper::receipt::{Counter, Receipt, ReceiptLine, ReceiptRaster, When};

/// Dots of a module of the code: about 30 mm for the whole code, which every hand scanner reads.
const MODULE: u8 = 6;

/// What a receipt says beside the application.
pub struct Head<'a> {
    /// The municipality's Japanese name.
    pub town: &'a str,
    /// Where the kiosk stands.
    pub place: &'a str,
    /// The application's id.
    pub id: &'a str,
    /// When, in Japan.
    pub at: DateTime,
    /// The forms that this kiosk makes.
    pub forms: &'a FormSet,
}

/// The receipt of an application: what its plan says, and of the catalogue only the names of counters and procedures.
pub fn compose(application: &Application, catalogue: &Catalogue, head: &Head<'_>) -> Receipt {
    let lines = &application.plan.lines;
    let event = catalogue
        .life_events()
        .iter()
        .find(|event| event.id == application.event);
    Receipt {
        town: head.town.to_owned(),
        kiosk: head.place.to_owned(),
        code: Code {
            tenant: application.tenant.clone(),
            reception: application.reception.clone().unwrap_or_default(),
            application: head.id.to_owned(),
        },
        at: head.at,
        event: event.map_or_else(
            || Words::ja(application.event.clone()),
            |event| event.title.clone(),
        ),
        who: names(application, &concerned(lines)),
        bring: bring(lines),
        lines: lines
            .iter()
            .map(|line| receipt_line(application, catalogue, head.forms, line))
            .collect(),
        notice: catalogue.edition().notice.clone(),
        language: Some(application.language.clone()).filter(|language| language != "ja"),
    }
}

fn receipt_line(
    application: &Application,
    catalogue: &Catalogue,
    forms: &FormSet,
    line: &Line,
) -> ReceiptLine {
    let made = |one: &FormUse| forms.form(&one.form).is_some_and(|form| form.serves(line));
    ReceiptLine {
        title: line.title.clone(),
        who: names(application, &line.persons),
        when: when(catalogue, &line.due),
        counter: counter(catalogue, &line.counter),
        here: application.forms.iter().any(made),
        fee_yen: line.fee_yen,
        statute: line.statute.clone(),
    }
}

fn when(catalogue: &Catalogue, due: &Due) -> When {
    match due {
        Due::On {
            date,
            overdue: true,
        } => When::Overdue(*date),
        Due::On { date, .. } => When::By(*date),
        Due::Before { date, .. } => When::Before(*date),
        Due::With { procedure } => catalogue
            .procedure(procedure)
            .map_or(When::Any, |other| When::With(other.title.clone())),
        Due::Asap { .. } => When::Soon,
        Due::AfterFiling { days } => u32::try_from(*days).map_or(When::Any, When::After),
        Due::None => When::Any,
    }
}

fn counter(catalogue: &Catalogue, id: &str) -> Counter {
    let found = catalogue.counter(id);
    Counter {
        number: found.map_or(0, |counter| counter.number),
        title: found.map_or_else(Words::default, |counter| counter.title.clone()),
        place: found.map_or_else(Words::default, |counter| counter.place.clone()),
    }
}

/// Everybody whom a line names, in the order in which they come up.
fn concerned(lines: &[Line]) -> Vec<String> {
    let mut persons: Vec<String> = Vec::new();
    for person in lines.iter().flat_map(|line| &line.persons) {
        if !persons.contains(person) {
            persons.push(person.clone());
        }
    }
    persons.sort();
    persons
}

/// Names as they stand in the forms; a person whose name nobody gave is left out rather than called by a letter.
fn names(application: &Application, persons: &[String]) -> Vec<String> {
    let name = |id: &String| {
        application
            .values
            .text(&format!("persons[{id}].name"))
            .to_owned()
    };
    persons
        .iter()
        .map(name)
        .filter(|name| !name.is_empty())
        .collect()
}

/// What is needed, each thing once.
fn bring(lines: &[Line]) -> Vec<Words> {
    let mut needed: Vec<&Bring> = Vec::new();
    for item in lines
        .iter()
        .flat_map(|line| &line.bring)
        .filter(|item| item.needed)
    {
        if !needed
            .iter()
            .any(|other| other.item_id == item.item_id && other.item == item.item)
        {
            needed.push(item);
        }
    }
    needed.into_iter().map(|bring| bring.item.clone()).collect()
}

/// The drawn receipt as the printer takes it: picture, its own code, picture, cut.
pub fn job(drawn: &ReceiptRaster) -> Result<Job, JobError> {
    let raster = |raster: &paper::receipt::Raster| {
        Raster::from_packed(576, raster.bytes().to_vec()).map(Part::Raster)
    };
    Ok(Job::new(vec![
        raster(&drawn.before)?,
        Part::Qr(Qr::new(&drawn.code, MODULE, QrCorrection::M)?),
        raster(&drawn.after)?,
        Part::Cut,
    ]))
}
