//! The town of the shipped catalogue, forms and words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use application::FormSet;
use guidance::document::LifeEvent;
use guidance::{Catalogue, Words};
use session::touch::Language;
use session::{Policy, TownContext};

pub fn assets(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../assets")
        .join(folder)
}

pub fn files(folder: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(assets(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let texts = entries.filter(|path| {
        path.extension()
            .is_some_and(|kind| kind == "toml" || kind == "csv")
    });
    texts
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect()
}

static CATALOGUE: LazyLock<Arc<Catalogue>> =
    LazyLock::new(|| Arc::new(Catalogue::from_files(files("catalogue")).unwrap()));

static FORMS: LazyLock<Arc<FormSet>> = LazyLock::new(|| {
    let files = files("forms");
    Arc::new(
        FormSet::from_files(
            files
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str())),
        )
        .unwrap(),
    )
});

/// The questions that the life events bring along, by the event's id and `date` or `who`.
static EVENT_TITLES: LazyLock<Vec<(Words, String)>> = LazyLock::new(|| {
    let of = |event: &LifeEvent| {
        let date = event.date.as_ref().map(|date| date.title.clone());
        [
            (date.unwrap_or_default(), format!("{}.date", event.id)),
            (event.who_title.clone(), format!("{}.who", event.id)),
        ]
    };
    CATALOGUE.life_events().iter().flat_map(of).collect()
});

/// The first life event's question with these words.
pub fn event_title(words: &Words) -> Option<&'static str> {
    let mut titles = EVENT_TITLES.iter();
    let (_, name) = titles.find(|(title, _)| title == words)?;
    Some(name)
}

/// Ids of the life events.
pub fn events() -> impl Iterator<Item = &'static str> {
    CATALOGUE
        .life_events()
        .iter()
        .map(|event| event.id.as_str())
}

pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

pub fn town() -> TownContext {
    TownContext {
        name: Words::ja("玄関町"),
        tenant: "990019".to_owned(),
        kiosk: "03".to_owned(),
        languages: ["ja", "ja-simple", "en"]
            .map(|tag| Language(tag.to_owned()))
            .to_vec(),
        catalogue: Arc::clone(&CATALOGUE),
        forms: Arc::clone(&FORMS),
        forms_edition: Some("\"2026-04-01.1-aa\"".to_owned()),
        policy: Policy::default(),
    }
}

/// The session's words in one language, flat.
pub fn words(language: &str) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(assets("words").join(format!("{language}.toml"))).unwrap();
    let mut out = BTreeMap::new();
    flatten("", &toml::from_str(&text).unwrap(), &mut out);
    out
}

fn flatten(before: &str, table: &toml::Table, out: &mut BTreeMap<String, String>) {
    for (name, value) in table {
        let key = if before.is_empty() {
            name.clone()
        } else {
            format!("{before}.{name}")
        };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, out),
            other => {
                out.insert(key, other.as_str().unwrap().to_owned());
            }
        }
    }
}
