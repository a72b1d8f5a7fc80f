//! What a template is given: every value split into measured clusters, so that it can fit text without guessing.

use std::collections::BTreeMap;

use application::{FilledBox, FilledForm, Signature, Source};
use serde::Serialize;

use crate::code::Code;
use crate::error::PaperError;
use crate::fonts::{Cluster, FontSet};

/// `/form.json`.
#[derive(Serialize)]
pub(crate) struct SheetData<'a> {
    form: &'a str,
    title: &'a str,
    counter: &'a str,
    town: &'a str,
    application: &'a str,
    reception: Option<&'a str>,
    event: &'a str,
    year: i16,
    month: i8,
    day: i8,
    foot: String,
    fonts: Vec<&'static str>,
    boxes: BTreeMap<&'a str, BoxData<'a>>,
    persons: Vec<PersonData<'a>>,
    signature: &'static str,
    signature_svg: String,
    code_svg: String,
}

#[derive(Serialize)]
struct PersonData<'a> {
    id: &'a str,
    boxes: BTreeMap<&'a str, BoxData<'a>>,
}

#[derive(Serialize)]
struct BoxData<'a> {
    key: &'a str,
    label: &'a str,
    text: &'a str,
    mark: &'static str,
    clusters: Vec<(&'a str, &'static str, f64, bool)>,
    date: Option<&'a [String; 4]>,
    options: &'a [String],
}

impl<'a> SheetData<'a> {
    /// # Errors
    /// A missing glyph, with the value's key.
    pub(crate) fn new(
        form: &'a FilledForm,
        tenant: &str,
        fonts: &FontSet,
    ) -> Result<Self, PaperError> {
        let persons = form.persons.iter().map(|person| {
            Ok(PersonData {
                id: &person.id,
                boxes: boxes(&person.boxes, fonts)?,
            })
        });
        let code = form.reception.as_ref().map(|reception| {
            Code {
                tenant: tenant.to_owned(),
                reception: reception.clone(),
                application: form.application.clone(),
            }
            .svg()
        });
        let (signature, signature_svg) = signature(&form.signature);
        Ok(Self {
            form: &form.form,
            title: &form.title,
            counter: &form.counter,
            town: &form.town,
            application: &form.application,
            reception: form.reception.as_deref(),
            event: &form.event,
            year: form.as_of.year(),
            month: form.as_of.month(),
            day: form.as_of.day(),
            foot: foot(form),
            fonts: fonts.value_families().collect(),
            boxes: boxes(&form.boxes, fonts)?,
            persons: persons.collect::<Result<_, PaperError>>()?,
            signature,
            signature_svg,
            code_svg: code.transpose()?.unwrap_or_default(),
        })
    }
}

fn foot(form: &FilledForm) -> String {
    let card = match form.card {
        application::CardCheck::None => "",
        application::CardCheck::Unverified => "　【カードの有効性 未確認】",
        application::CardCheck::Verified => "　カードの有効性 確認済",
    };
    let statute = if form.statute.is_empty() {
        String::new()
    } else {
        format!("　根拠：{}", form.statute)
    };
    format!("{}{}{statute}{card}", form.town, form.counter)
}

fn boxes<'a>(
    boxes: &'a BTreeMap<String, FilledBox>,
    fonts: &FontSet,
) -> Result<BTreeMap<&'a str, BoxData<'a>>, PaperError> {
    boxes
        .iter()
        .map(|(name, one)| Ok((name.as_str(), box_data(one, fonts)?)))
        .collect()
}

fn box_data<'a>(one: &'a FilledBox, fonts: &FontSet) -> Result<BoxData<'a>, PaperError> {
    let clusters = fonts.value_clusters(&one.key, &one.text)?;
    Ok(BoxData {
        key: &one.key,
        label: &one.label,
        text: &one.text,
        mark: match one.source {
            Some(Source::Card) => "カ",
            Some(Source::Core) => "基",
            Some(Source::Fixed) => "職",
            Some(Source::Resident) | None => "",
        },
        clusters: clusters
            .into_iter()
            .map(|cluster| {
                let Cluster {
                    text,
                    family,
                    advance,
                    starts,
                } = cluster;
                (text, family, advance, starts)
            })
            .collect(),
        date: one.date.as_ref(),
        options: &one.options,
    })
}

/// The pad is three times as wide as high; points are thousandths of either.
fn signature(signature: &Signature) -> (&'static str, String) {
    let strokes = match signature {
        Signature::OnPaper => return ("on_paper", String::new()),
        Signature::ByCard => return ("by_card", String::new()),
        Signature::Strokes(strokes) => strokes,
    };
    let mut path = String::new();
    for stroke in strokes {
        let points: Vec<(u32, u32)> = stroke
            .iter()
            .map(|(x, y)| (u32::from((*x).min(1000)) * 3, u32::from((*y).min(1000))))
            .collect();
        path.push_str(&smooth(&points));
    }
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 3000 1000\" width=\"300\" height=\"100\"><path fill=\"none\" stroke=\"#000\" stroke-width=\"26\" stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"{path}\"/></svg>"
    );
    ("strokes", svg)
}

/// A curve through the middles of the strokes' segments: a pen's line, not a polygon.
fn smooth(points: &[(u32, u32)]) -> String {
    let Some((first, rest)) = points.split_first() else {
        return String::new();
    };
    let mut path = format!("M{} {}", first.0, first.1);
    if rest.is_empty() {
        path.push_str("h1");
    }
    for pair in points.windows(2) {
        if let [(x0, y0), (x1, y1)] = pair {
            path.push_str(&format!("Q{x0} {y0} {} {}", (x0 + x1) / 2, (y0 + y1) / 2));
        }
    }
    if let Some((x, y)) = rest.last() {
        path.push_str(&format!("L{x} {y}"));
    }
    path
}
